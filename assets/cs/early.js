// Before the first paint: how wide the navigation was left, and how close rows lie.
if (localStorage.getItem("cs-rail")) document.documentElement.dataset.rail = "narrow";
document.documentElement.dataset.density = localStorage.getItem("cs-density") ?? "compact";
