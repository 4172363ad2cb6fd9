"""How the reference looks: the web app's colours and measures (`clients/web/src/design/tokens.css`), without
a script and without a font of its own."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;
--ground:light-dark(oklch(97.3% .009 155),oklch(19% .018 192));
--surface:light-dark(oklch(99.4% .004 155),oklch(22.5% .02 192));
--sunken:light-dark(oklch(94.4% .013 160),oklch(16% .016 192));
--ink:light-dark(oklch(23% .03 195),oklch(95% .008 160));
--soft:light-dark(oklch(43% .028 195),oklch(79% .018 170));
--line:light-dark(oklch(89% .014 165),oklch(33% .024 192));
--accent:light-dark(oklch(44% .088 188),oklch(83% .105 180));
--accent-soft:light-dark(oklch(93.5% .03 180),oklch(31% .045 188));
--live:light-dark(oklch(50% .175 36),oklch(79% .14 48));
--danger:light-dark(oklch(48% .19 22),oklch(77% .14 20))}
*,*::before,*::after{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:400 1rem/1.5 system-ui,sans-serif;
accent-color:var(--accent);text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.25rem}
h1,h2,h3,h4,p,ul,dl,dd{margin:0}
h1,h2,h3{line-height:1.15;letter-spacing:-.015em;font-weight:650;text-wrap:balance}
h1{font-size:clamp(1.75rem,1.35rem + 1.9vw,2.5rem)}
h2{font-size:1.5rem;margin-top:4rem}
h3{font:600 1rem/1.4 ui-monospace,monospace;letter-spacing:0}
h4{font-size:.8125rem;font-weight:600;color:var(--soft);margin:1.25rem 0 .35rem}
code,pre{font:.875em/1.5 ui-monospace,monospace}
p code,li code,dd code{background:var(--sunken);border-radius:.25rem;padding:.05rem .3rem}
pre{margin:.35rem 0 0;padding:.75rem 1rem;background:var(--sunken);border-radius:.375rem;overflow-x:auto;
font-size:.8125rem}
.page{max-width:72rem;margin:0 auto;padding:1.5rem 1.25rem 6rem}
.lead{margin-top:1rem;max-width:44rem;color:var(--soft)}
.lead+.lead{margin-top:.6rem}
nav{font-size:.9rem}
nav ul{list-style:none;padding:0}
nav>ul{display:flex;flex-wrap:wrap;gap:.4rem;margin:1.5rem 0 0}
nav>ul>li>a{display:inline-flex;align-items:center;min-height:2.75rem;padding:0 .9rem;
background:var(--surface);border:1px solid var(--line);border-radius:999px;
text-decoration:none;color:var(--ink)}
nav ul ul{display:none}
article{margin-top:1rem;padding:1.1rem 1.25rem 1.25rem;background:var(--surface);border:1px solid var(--line);
border-radius:.75rem}
article:target{border-color:var(--accent)}
article h3 a{color:inherit;text-decoration:none}
article h3 a:hover{text-decoration:underline}
article>p{margin-top:.4rem;color:var(--soft);max-width:48rem}
.method{display:inline-block;min-width:4.2rem;margin-right:.6rem;color:var(--accent)}
.PUT,.POST{color:var(--live)}
.DELETE{color:var(--danger)}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;font-size:.9rem}
dt,dd{padding:.35rem 0;border-top:1px solid var(--line)}
dt{padding-right:1.25rem}
dd{color:var(--soft)}
dt small{color:var(--soft);font:.8125rem system-ui,sans-serif}
details{margin-top:1rem;font-size:.9rem}
summary{cursor:pointer;color:var(--soft);min-height:2rem}
details li{margin-top:.2rem}
@media(min-width:62rem){
.page{display:grid;grid-template-columns:16rem minmax(0,1fr);gap:0 3rem}
header{grid-column:2}
main{grid-column:2}
nav{grid-column:1;grid-row:1/3;position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding-bottom:3rem}
nav>ul{display:block;margin:0}
nav>ul>li{margin-top:1rem}
nav>ul>li>a{display:inline;padding:0;background:none;border:0;font-weight:600}
nav ul ul{display:block;margin-top:.25rem}
nav ul ul a{display:block;padding:.15rem 0;color:var(--soft);text-decoration:none;font-size:.8125rem;
line-height:1.35}
nav ul ul a:hover{color:var(--accent)}
}
@media(max-width:38rem){
dl{display:block}
dd{border-top:0;padding-top:0}
article{margin-inline:-.5rem;padding-inline:1rem}
.method{display:block}
}
@media print{nav{display:none}article{break-inside:avoid}}
"""
