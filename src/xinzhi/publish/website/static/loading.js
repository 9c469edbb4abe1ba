"use strict";
// Where scripts run, a long table lays out its first rows alone until the page answers; ranking.js shows the others.
document.documentElement.classList.add("loading");
