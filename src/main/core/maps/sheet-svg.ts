import { lightTheme } from '../../../shared/charts/chart-theme';
import { textLines, type Weight } from '../../../shared/charts/text-lines';
import { valueAt } from '../../../shared/checked-reads';
import { type MapSheet, type MapSheetBlock } from '../../../shared/map-sheets';
import { type Font, fontFor, type TextMode } from '../export/figure/font';
import { svgText } from '../export/figure/svg-text';
import { escapeMarkup } from '../export/text/markup';
import { coordinate as round } from '../export/text/coordinate';

/** A4 in landscape, in CSS pixels. */
const pageWidth = 1123;
const pageHeight = 794;
const margin = 38;
const rowHead = 84;
const gap = 5;
const captionSize = 11;
const captionLine = 15;
const nameSize = 9;
const nameLine = 11;

/**
 * Small multiples of maps as one SVG document: pages in A4's proportions under one another, one for
 * each block.
 *
 * @param mode `real` text in the font, which is carried inside; `paths` needs no font.
 */
export function mapSheetSvg(sheet: MapSheet, family: Font, mode: TextMode): string {
  const font = fontFor(family, mode);
  const { ink, muted, ground } = lightTheme;
  const draw = svgText(font, mode);
  const text = (x: number, y: number, words: string, size: number, weight: Weight, fill: string) =>
    draw(x, y, words, { size, weight, fill });

  const drawn = (block: MapSheetBlock, top: number): string[] => {
    const { rows, methods } = block;
    const parts: string[] = [text(margin, top + 56, block.name, 19, 600, ink)];
    const about = `${block.run === null ? '' : `${block.run.name}. `}${block.caption}`;
    const lines = textLines(about, pageWidth - 2 * margin, captionSize, font);
    lines.forEach((line, i) => {
      parts.push(text(margin, top + 76 + i * captionLine, line, captionSize, 400, muted));
    });
    const columns = ['Image', ...methods.map(({ name }) => name)];
    const across = (pageWidth - 2 * margin - rowHead) / columns.length - gap;
    const names = columns.map((name) => textLines(name, across, nameSize, font));
    const deepest = Math.max(...names.map((own) => own.length));
    const start = top + 76 + lines.length * captionLine + deepest * nameLine;
    const down = (top + pageHeight - margin - start) / Math.max(1, rows.length) - gap;
    const size = Math.min(across, down);
    const x = (column: number) => margin + rowHead + column * (across + gap);
    names.forEach((own, column) => {
      own.forEach((line, i) => {
        const y = start - 5 - (own.length - 1 - i) * nameLine;
        parts.push(text(x(column), y, line, nameSize, 400, ink));
      });
    });
    rows.forEach((row, i) => {
      const y = start + i * (size + gap);
      const words = fitting(
        textLines(row.class, rowHead - 8, captionSize, font),
        Math.max(2, Math.floor((size - 27) / 13)),
      );
      words.forEach((line, l) => {
        parts.push(text(margin, y + 14 + l * 13, line, captionSize, 400, ink));
      });
      parts.push(text(margin, y + 14 + words.length * 13, String(row.image), nameSize, 400, muted));
      [row.picture, ...row.maps].forEach((png, column) => {
        parts.push(
          `<image x="${round(x(column))}" y="${round(y)}" width="${round(size)}" height="${round(size)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,${png}"/>`,
        );
      });
    });
    return parts;
  };

  const notes = sheet.notes.flatMap((note) =>
    textLines(note, pageWidth - 2 * margin, captionSize, font),
  );
  const pages = sheet.blocks.length * pageHeight;
  const height = pages + (notes.length > 0 ? notes.length * captionLine + 20 : 0);
  const names = sheet.blocks.map(({ name, rows }) => `${name}, ${rows.length} images`).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${pageWidth}" height="${height}" viewBox="0 0 ${pageWidth} ${height}" role="img" aria-labelledby="sheet-title" font-family="${escapeMarkup(font.family)}">`,
    `<title id="sheet-title">${escapeMarkup(`Maps by method: ${names}`)}</title>`,
    mode === 'real' ? `<style>${font.css}</style>` : '',
    `<rect width="${pageWidth}" height="${height}" fill="${ground}"/>`,
    ...sheet.blocks.flatMap((block, i) => drawn(block, i * pageHeight)),
    ...notes.map((line, i) =>
      text(margin, pages + 6 + i * captionLine, line, captionSize, 400, muted),
    ),
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** The first lines, with a sign where some are left out. */
function fitting(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `${valueAt(lines, most - 1)}…`];
}
