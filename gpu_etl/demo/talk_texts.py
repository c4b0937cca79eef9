"""The sentences of the simulated subreddits, by topic.

Belongs here: templates and what fills their gaps. Does not belong here: how often each is said, where and when
(``talk``).

``CHATTER`` keeps clear of every topic: a keyword found in it is a false one.
"""

from __future__ import annotations

CARDS = (
    "RTX 5070", "5070 Ti", "RTX 5080", "RTX 5090", "5060 Ti 16GB", "RTX 5060", "RTX 4070 Super", "4060 Ti", "RTX 3080",
    "3060 12GB", "RX 9070 XT", "9070 XT", "RX 9060 XT", "RX 7800 XT", "RX 6600", "Arc B580",
)  # fmt: skip
SUCCESSORS = ("RTX 5070 Super", "5070 Super", "RTX 5070 Super", "RTX 5080 Super", "RTX 5070 Ti Super", "RX 9070 GRE")
FILLERS = {
    "card": CARDS,
    "successor": SUCCESSORS,
    "maker": ("MSI", "Gigabyte", "ASUS", "Zotac", "PNY", "Sapphire", "PowerColor", "Palit"),
    "cpu": ("9800X3D", "7800X3D", "5700X3D", "14600K", "9600X", "Ryzen 5 7600"),
    "game": ("Cyberpunk 2077", "Monster Hunter Wilds", "Alan Wake 2", "Baldur's Gate 3", "Helldivers 2", "Starfield"),
    "month": ("January", "February", "March", "early spring", "Q1"),
    "usd": ("249", "299", "379", "449", "529", "549", "599", "689", "749", "999"),
    "psu": ("650W", "750W", "850W", "1000W"),
    "res": ("1080p", "1440p", "ultrawide", "4K"),
    "shop": ("Newegg", "Best Buy", "Micro Center", "Amazon", "B&H"),
    "state": ("USA-CA", "USA-TX", "USA-NY", "USA-WA", "USA-IL", "CAN-ON"),
    "name": ("Jules", "Mina", "Oskar", "Priya", "Tom", "Yuna"),
}

Texts = tuple[tuple[str, str], ...]
"""Pairs of a title and a body; the body is empty where a post is only a link."""

RELEASE: Texts = (
    ("{successor} launch reportedly set for {month}", "Board partners are said to have samples. Would you wait?"),
    ("New release roundup: what is coming after the {card}", "Collected every new release that was announced so far."),
    ("Should I wait for the {successor}?", "If the new release is really in {month} I can hold on with my {card}."),
    ("The {successor} could be announced in {month}", ""),
    (
        "{maker} registers {successor} models ahead of release",
        "The filing lists three coolers. Release window: {month}.",
    ),
    ("{successor} coming in {month}?", "Two shops here told me they stopped ordering the {card} because of it."),
    ("New release: {maker} shows a white {successor}", "Looks like the usual triple fan design, two 8-pin to 16-pin."),
    ("Is buying a {card} now a mistake with the new release so close?", "Budget is ${usd}, playing at {res}."),
    ("Upcoming GPU launch schedule, updated", "{successor} in {month}, the rest later in the year."),
)
RELEASE_DATE: Texts = (
    ("5070 release date for the Super refresh?", "Every site says something else. Is {month} realistic?"),
    ("Any word on the RTX 5070 Super release date", "My 3060 is on its last legs and I would like to know."),
    ("RTX 5070 release date, 18GB model", "Heard {month} from a distributor, does anybody know more?"),
    ("5070 Super release date moved to {month}", "According to a retailer listing, so a grain of salt."),
)
LEAK: Texts = (
    ("[Leak] {successor} specs: more memory, same bus", "The usual leaker on X posted a photo of the board."),
    ("{successor} benchmark leak: about 15 % ahead of the {card}", "Leaked Geekbench entry, since removed."),
    ("Leaked slide shows {successor} pricing at ${usd}", "Slide looks real to me, the fonts match the last deck."),
    ("Leak: {maker} {successor} box photo", ""),
    ("New leak suggests {successor} keeps the 250 W limit", "Take it with care, the source was wrong on the {card}."),
)
ISSUES: Texts = (
    ("{card} black screen issues after driver update", "Happens in {game} after ten minutes. {psu} PSU, {cpu}."),
    ("Anyone else having issues with {maker} {card} coil whine?", "Whine above 120 fps in {game}."),
    ("{card} keeps crashing in {game}", "Event viewer shows nvlddmkm. Temps are fine, already did DDU."),
    ("Issues with {card} and PCIe riser at Gen 5", "Works at Gen 4. Is the riser at fault or the board?"),
    ("Overheating problem with my {card}", "Hotspot reaches 105 C at {res}. Repaste or RMA to {maker}?"),
    ("Driver issues on the {card}: the fix that worked for me", "Clean install without the app, then a reboot."),
    ("{maker} support about stutter issues: reseat it", "Reseated three times, the {card} still stutters in {game}."),
)
PRICE_DROP: Texts = (
    ("[GPU] {maker} {card} - ${usd} ({shop})", "Price drop since this morning, was ${usd} more or less for months."),
    ("{card} price drop at {shop}", "Down to ${usd}. First time I see it below the list price."),
    ("Price drops everywhere on the {card}, is stock being cleared?", "{shop} and two others cut it the same day."),
    ("{shop} cut the {card} to ${usd}", "Cheapest it has been this year according to the tracker."),
    ("[GPU] {card} open box ${usd} in store, {shop}", ""),
    ("Bought a {card} last week and now there is a price drop", "{shop} refunded the difference, ask them."),
)
USED_MARKET: Texts = (
    ("[{state}] [H] {maker} {card} [W] PayPal", "Timestamp inside. Asking ${usd} shipped, from a smoke-free home."),
    ("[{state}] [H] PayPal [W] {card}", "Looking for a used {card}, local preferred, up to ${usd}."),
    ("Used market for the {card} is wild right now", "Saw three second-hand ones at ${usd} within an hour."),
    (
        "Is a second hand {card} at ${usd} worth it?",
        "It was not mined on, so he says. The used market is all I can pay.",
    ),
    ("What should I ask for my {card} on the used market?", "Bought in 2023, box and receipt here. Thinking ${usd}."),
    ("[{state}] [H] {card}, {cpu} combo [W] Local cash", "Prefer to sell together. ${usd} for both."),
)
CHATTER: Texts = (
    ("Finally finished my {res} build with a {card}", "Paired with a {cpu}. {game} looks gorgeous."),
    ("Which case fits a triple fan {card}?", "Need something quiet that takes 330 mm cards."),
    ("Is a {psu} PSU enough for a {card} and a {cpu}?", "The calculator says yes, but I would like a margin."),
    ("First PC, rate my parts list", "{cpu}, {card}, 32 GB of memory, {psu}. Mostly for {game} at {res}."),
    ("{card} undervolt results", "0.9 V at 2.7 GHz, 40 W less and the same fps in {game}."),
    ("{cpu} or something cheaper for a {card}?", "Only gaming at {res}, no streaming."),
    ("What settings do you use in {game} with a {card}?", "I am around 90 fps on high and would like 120."),
    ("My cat approves of the new {maker} box", ""),
    ("Cable management after two evenings", "The {psu} unit came with stiff cables, but it closes."),
    ("Do I need a new monitor for a {card}?", "Still on an old 60 Hz panel."),
    ("{maker} cooler against {maker} cooler on the {card}", "Measured noise at one meter, table inside."),
    ("Upgraded from a GTX 1060 to a {card}", "{game} went from 35 to 140 fps, I am still smiling."),
    ("How do I read frame time graphs?", "The average is high, the one percent lows look odd to me."),
    ("Small form factor with a {card}, temperatures inside", "71 C in {game}, fans at 1500 rpm."),
    ("Ray tracing in {game}: worth it at {res}?", "On a {card}, with the upscaler on quality."),
    ("Help {name} choose between a {card} and a {card}", "Budget ${usd}, {res} screen, {cpu} already here."),
    ("Linux on a {card}, a month later", "Everything works out of the box, even {game}."),
    ("Battlestation, winter edition", "The {card} keeps the room warm."),
    ("What do you listen to while building?", ""),
    ("Interview with a memory engineer about GDDR7", "Long read, but the part about signalling is good."),
    ("{shop} packed my {card} in a box for a fridge", "Arrived fine. The cat moved in."),
    ("Thermal pads or putty for a {card}?", "Opening it anyway to clean the fans."),
    ("Does {game} like more cores or more cache?", "Looking at the {cpu}."),
    ("AV1 encoding on the {card} at {res}", "Bitrate ladder and samples inside."),
    ("Is a {card} overkill for {res}?", "I only play {game} & a few indies, <144 Hz screen."),
)
TOPICS: dict[str, Texts] = {
    "release": RELEASE,
    "release_date": RELEASE_DATE,
    "leak": LEAK,
    "issues": ISSUES,
    "price_drop": PRICE_DROP,
    "used_market": USED_MARKET,
    "chatter": CHATTER,
}
