// A page changes by itself, but never under somebody's hands; and it says when it cannot hear of changes any more.
(() => {
  "use strict";
  const find = (id) => document.getElementById(id);
  const isTouched = (it) => {
    if (it.type === "hidden" || it.tagName === "BUTTON" || it.tagName === "FIELDSET") return false;
    if (it.type === "checkbox" || it.type === "radio") return it.checked !== it.defaultChecked;
    if (it.tagName !== "SELECT") return it === document.activeElement || it.value !== it.defaultValue;
    const usual = [...it.options].findIndex((option) => option.defaultSelected);
    return it === document.activeElement || it.selectedIndex !== Math.max(0, usual);
  };
  const someoneTypes = () => [...document.querySelectorAll("#main form")].some((form) => [...form.elements].some(isTouched));
  const say = (name, moment) => {
    const words = find(`say-${name}`).content.cloneNode(true);
    for (const link of words.querySelectorAll("a.again")) link.href = location.href;
    for (const time of words.querySelectorAll("time")) time.textContent = moment;
    find("said").replaceChildren(words);
    find("said").dataset.name = name;
  };
  const unsay = (name) => {
    if (find("said").dataset.name === name) find("said").replaceChildren();
  };
  let before = "";
  let late = 0;
  const again = () => find("live") && htmx.trigger(find("live"), "changed");
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.target.id !== "again") return;
    before = find("main").textContent;
    if (!someoneTypes()) return;
    event.preventDefault();
    say("news");
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target.id === "again" && find("main").textContent !== before) say("updated");
  });
  for (const name of ["htmx:error", "htmx:response:error"])
    document.addEventListener(name, (event) => event.target.id === "again" && setTimeout(again, 3000));
  document.addEventListener("htmx:sse:error", () => {
    const since = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    late ||= setTimeout(() => say("offline", since), 2000);
  });
  document.addEventListener("htmx:sse:after:connection", () => {
    clearTimeout(late);
    late = 0;
    unsay("offline");
  });
  document.addEventListener("over", () => say("over"));
})();
