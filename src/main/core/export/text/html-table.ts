import { html, type Markup, type Piece } from './markup';
import { type Table } from './table';

/**
 * A table that assistive technology can read: a caption, headings with their scope, and a frame
 * that scrolls by keyboard where the table is too wide. Its notes are a list below; where there are
 * notes and no rows, they stand alone.
 *
 * @param name tells the table from the page's others, where its caption might not
 */
export function htmlTable(
  table: Table<Piece>,
  style: 'plain' | 'wide' = 'plain',
  name: string = table.caption,
): Markup {
  const { rows, notes = [] } = table;
  const shown = rows.length > 0 || notes.length === 0;
  return html`${shown ? frame(table, style, name) : ''}${htmlNotes(notes)}`;
}

export const htmlNotes = (notes: readonly string[]): Markup =>
  notes.length === 0
    ? html``
    : html`<ul class="notes">
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>`;

function frame(
  { caption, columns, rows }: Table<Piece>,
  style: 'plain' | 'wide',
  name: string,
): Markup {
  const align = (index: number) => (columns[index]?.numeric ? html` class="n"` : html``);
  const id = `table-${name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)}`;
  const headings = columns.map(
    ({ title }, index) => html`<th scope="col" ${align(index)}>${title}</th>`,
  );
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((cell, index) =>
          index === 0
            ? html`<th scope="row" ${align(0)}>${cell}</th>`
            : html`<td${align(index)}>${cell}</td>`,
        )}
      </tr> `,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
    <table class="${style}">
      <caption id="${id}">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${headings}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}
