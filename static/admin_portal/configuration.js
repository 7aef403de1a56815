"use strict";
// Draws what is typed at once; without this script the button "Preview without saving" does it.
const form = document.getElementById("configuration_form");
if (form) {
  const typed = (name) => form.elements[name]?.value.trim() ?? "";
  const host = (address) => {
    try {
      return new URL(address).hostname;
    } catch {
      return "";
    }
  };
  const draw = () => {
    for (const each of form.querySelectorAll("[data-shows]")) {
      each.textContent = typed(each.dataset.shows) || each.dataset.empty;
    }
    for (const each of form.querySelectorAll("[data-shows-host]")) {
      each.textContent = host(typed(each.dataset.showsHost)) || each.dataset.empty;
    }
    for (const each of form.querySelectorAll("[data-shows-first]")) {
      each.textContent = host(typed(each.dataset.showsFirst).split(/\s+/)[0]) || each.dataset.empty;
    }
    const isOn = form.elements.enabled.checked;
    form.querySelector(".mock-up")?.classList.toggle("is-off", !isOn);
    const off = form.querySelector(".shows-off");
    if (off) off.hidden = isOn;
  };
  form.addEventListener("input", draw);
}
