// The table of contents: what a page can do beyond being read. Every page works without any of it.
import { drawAll, redrawAll } from "./draw.js";
import { makeSortable } from "./sort.js";
import { enableSwap } from "./swap.js";
import { enableTheme } from "./theme.js";

function enliven(root) {
  makeSortable(root);
  drawAll(root);
}

enableTheme(document.getElementById("theme"), redrawAll);
enableSwap(document.getElementById("content"), enliven);
enliven(document);
// On a narrow screen the menu is a strip that scrolls: show where one is.
document.querySelector("nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
