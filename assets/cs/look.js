// How the app looks to this person, before and after Python knows it, and a clock for what no stream tells.
import { useContext, useEffect, useRef } from "react";
import { ColorModeContext } from "$/utils/context-registry";
import { set } from "./store.js";

if (typeof document !== "undefined") set({ quiet: localStorage["cs-quiet"] ?? "" });

/** What the person chose, once Python has read it; kept for the next start. `quiet`: keys that are off. */
export function Look({ theme, density, quiet }) {
  const { setColorMode } = useContext(ColorModeContext);
  useEffect(() => {
    if (theme) setColorMode(theme);
  }, [theme]);
  useEffect(() => {
    if (!density) return;
    Object.assign(localStorage, { "cs-density": density, "cs-quiet": quiet });
    document.documentElement.dataset.density = density;
    set({ quiet });
  }, [density, quiet]);
  return null;
}
/** Calls `onTick` every `every` ms while somebody looks, and when they look again. */
export function Poll({ every, onTick }) {
  const now = useRef();
  now.current = onTick;
  useEffect(() => {
    const look = () => document.hidden || now.current();
    const timer = setInterval(look, every);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [every]);
  return null;
}
