"use strict";
// Selecting a text to copy is one click; where the browser has a clipboard, a button copies it.
for (const field of document.querySelectorAll("input.copyable, pre.snippet")) {
  const text = () => field.value ?? field.textContent;
  if (field.select) field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-button";
  button.textContent = field.dataset.copy;
  button.title = field.getAttribute("aria-label");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = field.dataset.copied;
    setTimeout(() => (button.textContent = field.dataset.copy), 1500);
  });
  field.after(button);
}
