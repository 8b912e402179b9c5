// A button with a panel under it: closes with Esc or a press outside, and gives the focus back.
import { createElement as h, useEffect, useRef, useState } from "react";

/** `face` is the button's content; `children` gets a function that closes the panel. */
export function Pop({ face, label, className = "cs-btn quiet", children, ...rest }) {
  const [open, show] = useState(false),
    box = useRef();
  const close = () => {
    show(false);
    box.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    box.current.querySelector(".cs-pop :is(input,button,select)")?.focus();
    const outside = (e) => box.current.contains(e.target) || show(false);
    const key = (e) => {
      if (e.key !== "Escape") return;
      e.stopPropagation();
      close();
    };
    addEventListener("pointerdown", outside);
    addEventListener("keydown", key, true);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("keydown", key, true);
    };
  }, [open]);
  return h(
    "div",
    { className: "cs-popbox", ref: box },
    h("button", { type: "button", ...rest, className, "aria-expanded": open, onClick: () => show(!open) }, face),
    open && h("div", { className: "cs-pop", role: "group", "aria-label": label }, children(close)),
  );
}
