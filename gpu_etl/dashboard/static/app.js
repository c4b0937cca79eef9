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
