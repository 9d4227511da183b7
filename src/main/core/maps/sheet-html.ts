import { valueAt } from '../../../shared/checked-reads';
import { type MapSheet, type MapSheetBlock } from '../../../shared/map-sheets';
import { type Font } from '../export/figure/font';
import { html, type Markup } from '../export/text/markup';
import { colophon, page } from '../export/text/page';

/** Millimetres of an A4 page in landscape inside its margins, and what is no picture in them. */
const paper = { width: 277, height: 190, margin: 10 } as const;
const rowHead = 22;
const headings = 42;

/** Small multiples of maps as a page of its own. On paper each dataset is one A4 page in landscape. */
export function mapSheetHtml(
  sheet: MapSheet,
  font: Font,
  reference: string,
  version: string,
): string {
  const names = [...new Set(sheet.blocks.map(({ name }) => name))].join(', ');
  return page({
    title: `Maps by method: ${names}`,
    css: `${font.css}${css(font.family)}`,
    pictures: true,
    body: html`${sheet.blocks.map(blockMarkup)}
      <footer>
        ${sheet.notes.map((note) => html`<p>${note}</p> `)} ${colophon({ reference, version })}
      </footer>`,
  });
}

function blockMarkup(block: MapSheetBlock): Markup {
  const columns = block.methods.length + 1;
  const across = (paper.width - rowHead) / columns;
  const down = (paper.height - headings) / Math.max(1, block.rows.length);
  const cell = Math.floor(10 * Math.min(across, down)) / 10 - 1;
  const picture = (png: string, words: string) =>
    html`<td><img src="data:image/png;base64,${png}" alt="${words}" /></td>`;
  return html`<section style="--cell:${cell}mm">
    <h1>${block.name}</h1>
    <p>${block.run === null ? '' : `${block.run.name}. `}${block.caption}</p>
    <table>
      <thead>
        <tr>
          <th></th>
          <th scope="col">Image</th>
          ${block.methods.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${block.rows.map(
          (row) =>
            html`<tr>
              <th scope="row">${row.class}<br /><small>${row.image}</small></th>
              ${picture(row.picture, `Image ${row.image}, ${row.class}`)}
              ${row.maps.map((png, i) =>
                picture(png, `${valueAt(block.methods, i).name} of image ${row.image}`),
              )}
            </tr> `,
        )}
      </tbody>
    </table>
  </section> `;
}

function css(family: string): string {
  return `
@page{size:A4 landscape;margin:${paper.margin}mm}
*{box-sizing:border-box;print-color-adjust:exact}
body{margin:0;background:#fff;color:#1a1a1a;font:9pt/1.35 ${family}}
main{max-width:${paper.width}mm;margin:0 auto;padding:8mm 0}
section{margin:0 0 12mm}
h1{font-size:13pt;line-height:1.2;margin:0 0 1mm;font-weight:600}
p{margin:0 0 2mm;color:#595959;font-size:8pt}
table{border-collapse:collapse}
th{font-weight:400;text-align:left;vertical-align:middle;padding:0 1mm 0 0;font-size:7pt;line-height:1.2}
tbody th{width:${rowHead}mm;overflow-wrap:anywhere}
thead th{vertical-align:bottom;padding:0 .5mm 1mm 0;width:var(--cell);max-width:calc(var(--cell) + 1mm);font-size:6pt;overflow-wrap:break-word}
td{padding:0 1mm 1mm 0}
small{color:#595959;font-size:6pt}
img{display:block;width:var(--cell);height:var(--cell);image-rendering:pixelated}
@media print{main{max-width:none;padding:0}section{break-inside:avoid;margin:0 0 4mm}section+section{break-before:page}footer p{margin:0}}`;
}
