// What needs the script is shown, and set going part by part.

for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
const data = JSON.parse(byId("data").textContent);
startTheme();
startTables();
startZoom();
startFigureDownloads();
if (byId("curves")) startCurves(data);
if (byId("pair")) startPair(data);
