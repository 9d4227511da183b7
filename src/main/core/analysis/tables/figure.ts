import { markedName } from '../../../../shared/catalogue/methods';
import { lightTheme } from '../../../../shared/charts/chart-theme';
import { textLines, type Weight } from '../../../../shared/charts/text-lines';
import { valueAt } from '../../../../shared/checked-reads';
import { tablesName } from '../../../../shared/ratings/questions';
import { type StudyResults, type TableCell } from '../../../../shared/ratings/results';
import { type Font, fontFor, type TextMode } from '../../export/figure/font';
import { svgText } from '../../export/figure/svg-text';
import { escapeMarkup } from '../../export/text/markup';
import { coordinate as round } from '../../export/text/coordinate';
import { labelText, meanText, questionTables, studyTitle, tableNotes } from './tables';

export interface TablesFigureOptions {
  readonly font: Font;
  /** `real` text in the font; `paths` needs no font where it is drawn. */
  readonly text?: TextMode;
  /** Carry the font inside (for real text outside a page that has it). */
  readonly embedFont?: boolean;
}

const margin = 28;
const gutter = 34;
/** Of a name in one or two lines; each further one adds its own. */
const rowHeight = 40;
const nameLine = 16;
const labelSize = 14;
const smallSize = 11;
const noteLine = 16;
const barWidth = 5;
const barGap = 1.5;
const barsHeight = 24;
const barsWidth = (bars: number) => bars * (barWidth + barGap) - barGap;
/** From the text of a cell to its bars. */
const barsGap = 12;
const longestName = 330;
/** A title and the notes want at least this. */
const narrowest = 620;

/** The tables as one SVG document: labels, means with intervals, n and distributions. */
export function tablesSvg(results: StudyResults, options: TablesFigureOptions): string {
  const { text: mode = 'real' } = options;
  const font = fontFor(options.font, mode);
  const { ink, muted, grid, ground } = lightTheme;
  const tables = questionTables(results);

  const draw = svgText(font, mode);
  const text = (x: number, y: number, words: string, size: number, weight: Weight, fill: string) =>
    draw(x, y, words, { size, weight, fill });

  const names = results.methods.map((method) =>
    textLines(markedName(method), longestName, labelSize, font),
  );
  const cellText = (cell: TableCell | null) =>
    cell && cell.n > 0 ? `${meanText(cell)}, n = ${cell.n}` : '';
  const widths = results.datasets.map(({ name }, column) =>
    Math.max(
      font.width(name, labelSize, 600),
      ...tables.flatMap(({ rows, labels }) =>
        rows.map(({ cells }) => {
          const cell = cells[column] ?? null;
          const words = Math.max(
            font.width(labelText(cell), labelSize, 600),
            font.width(cellText(cell), smallSize, 400),
          );
          return words + barsGap + barsWidth(labels.length);
        }),
      ),
    ),
  );
  const nameWidth = Math.max(
    font.width('Method', labelSize, 600),
    ...names.flat().map((line) => font.width(line, labelSize, 400)),
  );
  let x = margin + nameWidth + gutter;
  const columns = widths.map((width) => {
    const left = x;
    x += width + gutter;
    return { left, width };
  });
  const width = Math.ceil(Math.max(x - gutter + margin, narrowest));
  const rule = (y: number, colour: string, weight = 1) =>
    `<path d="M${margin} ${round(y)}H${width - margin}" stroke="${colour}" stroke-width="${weight}" fill="none"/>`;

  const parts: string[] = [];
  let y = margin + 18;
  for (const line of textLines(studyTitle(results), width - 2 * margin, 18, font, 600)) {
    parts.push(text(margin, y, line, 18, 600, ink));
    y += 24;
  }
  for (const { heading, labels, rows } of tables) {
    y += 14;
    for (const line of textLines(heading, width - 2 * margin, 15, font, 600)) {
      parts.push(text(margin, y, line, 15, 600, ink));
      y += 20;
    }
    parts.push(rule(y - 8, ink, 1.5));
    y += 12;
    parts.push(text(margin, y, 'Method', labelSize, 600, ink));
    results.datasets.forEach(({ name }, column) => {
      parts.push(text(valueAt(columns, column).left, y, name, labelSize, 600, ink));
    });
    y += 10;
    parts.push(rule(y, muted));
    rows.forEach(({ cells }, row) => {
      if (row > 0) parts.push(rule(y, grid));
      const lines = valueAt(names, row);
      lines.forEach((line, i) => {
        const baseline = lines.length === 1 ? y + 24 : y + 17 + nameLine * i;
        parts.push(text(margin, baseline, line, labelSize, 400, ink));
      });
      cells.forEach((cell, column) => {
        const { left, width: room } = valueAt(columns, column);
        parts.push(text(left, y + 17, labelText(cell), labelSize, 600, cell ? ink : muted));
        if (!cell || cell.n === 0) return;
        parts.push(
          text(left, y + 32, cellText(cell), smallSize, 400, muted),
          bars(cell, left + room - barsWidth(labels.length), y + 8, muted, grid),
        );
      });
      y += rowHeight + nameLine * Math.max(0, lines.length - 2);
    });
    parts.push(rule(y, ink, 1.5));
    y += 22;
  }
  y += 6;
  for (const note of tableNotes(results)) {
    for (const line of textLines(note, width - 2 * margin, smallSize, font)) {
      parts.push(text(margin, y, line, smallSize, 400, muted));
      y += noteLine;
    }
    y += 4;
  }
  const height = Math.ceil(y + margin - noteLine);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="tables-title tables-description" font-family="${escapeMarkup(font.family)}">`,
    `<title id="tables-title">${escapeMarkup(`${studyTitle(results)}: ${tablesName(results.questions)}`)}</title>`,
    `<desc id="tables-description">${escapeMarkup(describe(results))}</desc>`,
    options.embedFont ? `<style>${font.css}</style>` : '',
    `<rect width="${width}" height="${height}" fill="${ground}"/>`,
    ...parts,
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** How often each label was given, the lowest left. */
function bars({ distribution }: TableCell, x: number, y: number, fill: string, axis: string) {
  const most = Math.max(...distribution, 1);
  const each = distribution.map((count, i) => {
    const height = (barsHeight * count) / most;
    return `M${round(x + i * (barWidth + barGap))} ${round(y + barsHeight)}v${round(-height)}h${barWidth}v${round(height)}z`;
  });
  return `<path d="${each.join('')}" fill="${fill}"/><path d="M${round(x)} ${round(y + barsHeight + 0.5)}h${round(barsWidth(distribution.length))}" stroke="${axis}" fill="none"/>`;
}

/** The tables in words, for those who do not see them. */
function describe(results: StudyResults): string {
  return questionTables(results)
    .map(({ number, title, rows }) => {
      const name = number === null ? title : `Table ${number}, ${title}`;
      const each = rows.map(({ id, name, cells }) => {
        const labels = cells.map(
          (cell, i) => `${valueAt(results.datasets, i).name} ${labelText(cell)}`,
        );
        return `${markedName({ id, name })}: ${labels.join(', ')}`;
      });
      return `${name}. ${each.join('; ')}.`;
    })
    .join(' ');
}
