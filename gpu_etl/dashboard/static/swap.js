// Filters without a new page: the server answers with the whole page, its content takes the place of what is shown.
// plotly.js, which takes longer to start than the page to come, stays as it is. Addresses stay true for links and "back".
export function enableSwap(content, enliven) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(link.href, true);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form || form.method !== "get") return;
    event.preventDefault();
    const query = new URLSearchParams(new FormData(form, event.submitter));
    go(`${new URL(form.action).pathname}?${query}`, true);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-swap][data-at-once]");
    if (form) form.requestSubmit();
  });
  window.addEventListener("popstate", () => go(location.href, false));

  async function go(address, isNew) {
    let next;
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      next = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      location.assign(address); // the browser shows what went wrong
      return;
    }
    const fresh = next.getElementById("content");
    if (!fresh) {
      location.assign(address);
      return;
    }
    const open = [...content.querySelectorAll("details[open]")].map((one) => one.id).filter(Boolean);
    const focused = document.activeElement?.id;
    content.replaceChildren(...fresh.childNodes);
    document.title = next.title;
    if (isNew) history.pushState(null, "", address);
    for (const id of open) content.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus();
    enliven(content);
    const said = document.getElementById("said");
    said.textContent = said.dataset.updated;
  }
}
