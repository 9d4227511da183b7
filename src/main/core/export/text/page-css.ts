/** The report's style: one column, tables that scroll by themselves, both schemes, print. */
export function reportCss(lightMethods: string, darkMethods: string, family: string): string {
  const light = `--ground:#fff;--chart-ground:#fff;--ink:#1a1a1a;--muted:#595959;--grid:#e4e4e4;--rule:#d6d6d6;--panel:#f6f7f8;--good:#0b6b3a;--bad:#a3261b;--open:#6a5200;${lightMethods}`;
  const dark = `--ground:#141619;--chart-ground:#1b1d21;--ink:#ececec;--muted:#a9adb3;--grid:#33373d;--rule:#3a3e45;--panel:#1b1d21;--good:#6fd39b;--bad:#ff9d92;--open:#e3c566;${darkMethods}`;
  return `
:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 ${family}}
main{max-width:1060px;margin:0 auto;padding:40px 28px 56px}
h1{font-size:30px;line-height:1.2;margin:0 0 6px;font-weight:600}
h2{font-size:20px;line-height:1.3;margin:48px 0 10px;font-weight:600}
h3{font-size:15px;margin:22px 0 6px;font-weight:600}
p{margin:0 0 12px;max-width:78ch}
.lead,.note,footer{color:var(--muted)}
.note{font-size:14px}
.facts{display:flex;flex-wrap:wrap;gap:10px 40px;margin:22px 0 0;padding:0}
.facts dt{font-size:13px;color:var(--muted)}
.facts dd{margin:0;font-weight:600}
figure{margin:16px 0 0;overflow-x:auto;background:var(--chart-ground);border:1px solid var(--rule);border-radius:8px;padding:14px}
figure svg{display:block;width:100%;min-width:760px;height:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding:0 0 8px}
th,td{padding:6px 18px 6px 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
thead th{border-bottom:2px solid var(--muted);font-weight:600;vertical-align:bottom}
tbody th{font-weight:400}
.n{text-align:right;white-space:nowrap}
.wide{font-size:12.5px}
.wide th,.wide td{padding:5px 10px 5px 0}
.wide .range{font-size:11px}
.key{margin-right:8px;vertical-align:-1px}
.range{color:var(--muted)}
.verdict{font-weight:600;white-space:nowrap}
.held{color:var(--good)}.not-held{color:var(--bad)}.undecided{color:var(--open)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px}
pre{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:12px 14px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
td code{overflow-wrap:anywhere}
ul{margin:0;padding-left:18px}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
footer{margin-top:48px;border-top:1px solid var(--rule);padding-top:14px;font-size:13px}
@media print{
@page{margin:16mm}
main{max-width:none;padding:0}
body{font-size:10.5pt}
table{font-size:9pt}
.wide{font-size:7.5pt}
.wide .range{font-size:6.5pt}
h2{break-after:avoid}
tr,figure,pre{break-inside:avoid}
figure,.scroll{overflow:visible}
figure{border:0;padding:0}
figure svg{min-width:0}
*{print-color-adjust:exact}
}`;
}
