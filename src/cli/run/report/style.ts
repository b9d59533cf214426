/** The look of the HTML report, by day and by night. */
export const STYLE = `:root {
  color-scheme: light dark;
  --back: #fff; --card: #f6f8fa; --line: #d8dee4; --text: #1f2328; --faint: #656d76;
  --good: #1a7f37; --bad: #cf222e; --work: #0969da; --prepare: #8250df; --push: #1a7f37; --pull: #9a6700; --wait: #afb8c1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --card: #161b22; --line: #30363d; --text: #e6edf3; --faint: #8d96a0;
    --good: #3fb950; --bad: #f85149; --work: #4493f8; --prepare: #ab7df8; --push: #3fb950; --pull: #d29922; --wait: #484f58;
  }
}
body { margin: 0 auto; max-width: 1000px; padding: 24px; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0; }
h2 { font-size: 19px; margin: 0 0 8px; overflow-wrap: anywhere; }
h3 { font-size: 15px; margin: 20px 0 6px; }
header p { color: var(--faint); margin: 2px 0 20px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 18px; margin-bottom: 18px; }
code, pre { font: 12.5px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 3px 12px 3px 0; }
th { font-weight: 500; color: var(--faint); white-space: nowrap; width: 1%; }
.number { text-align: right; white-space: nowrap; width: 1%; }
.layers td:first-child, .layers td:nth-child(3) { width: 1%; }
.layers td:first-child code { white-space: nowrap; }
.size { height: 10px; min-width: 1px; margin-top: 6px; background: var(--work); border-radius: 2px; }
.badge { font-size: 12px; font-weight: 600; padding: 2px 8px; border-radius: 10px; color: #fff; background: var(--faint); vertical-align: middle; }
.badge.pushed { background: var(--good); }
.badge.failed { background: var(--bad); }
.failure { border-left: 4px solid var(--bad); padding: 6px 12px; margin: 0 0 12px; background: var(--back); }
.failure p { margin: 6px 0 0; }
.waterfall { background: var(--back); border: 1px solid var(--line); border-radius: 6px; padding: 6px; }
svg { display: block; width: 100%; font: 12px system-ui, sans-serif; }
svg text { fill: var(--text); }
svg .tick, svg .time { fill: var(--faint); font-size: 11px; }
svg .tick { text-anchor: middle; }
svg .grid { stroke: var(--line); }
svg .row { fill: transparent; }
svg g:hover .row { fill: var(--line); fill-opacity: .5; }
svg g:not(.step) text { font-weight: 600; }
svg .bar { fill: var(--work); }
svg .preparing .bar { fill: var(--prepare); }
svg .pulling .bar { fill: var(--pull); }
svg .pushing .bar { fill: var(--push); }
svg .waiting .bar { fill: var(--wait); }
svg .whole .bar { fill-opacity: .45; }
svg .cached .bar { fill: none; stroke: var(--work); stroke-dasharray: 3 2; }
svg g.failed .bar { fill: var(--bad); }
`;
