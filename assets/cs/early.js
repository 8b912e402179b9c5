// Before the first paint: how wide the navigation was left, and how close rows lie.
if (localStorage.getItem("cs-rail")) document.documentElement.dataset.rail = "narrow";
document.documentElement.dataset.density = localStorage.getItem("cs-density") ?? "compact";
// A log-in may be sent before the page is alive: its address, never its password, and where to go on outlive a refusal.
addEventListener("submit", ({ target }) => {
  if (target.id !== "log-in") return;
  const { email, next } = target;
  next.value = new URLSearchParams(location.search).get("next") ?? next.value;
  sessionStorage.setItem("cs-login", JSON.stringify([email.value, next.value]));
});
