import { conflict } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type RouteParsed } from '../../../shared/routes';
import { openFont } from '../export/figure/font';
import { pngOf } from '../export/figure/png';
import { type Publication } from '../export/publication';
import { mapSheetHtml } from '../maps/sheet-html';
import { mapSheetSvg } from '../maps/sheet-svg';
import { type InstalledFiles } from '../storage/installed-files';
import { type ExportStore } from '../storage/transit/export-store';
import { type MapSheetsService } from './map-sheets';

interface Parts {
  readonly exports: ExportStore;
  readonly files: InstalledFiles;
  readonly mapSheets: MapSheetsService;
  readonly paper: () => Publication;
  readonly version: string;
}

const mimes = {
  'maps.html': 'text/html; charset=utf-8',
  'maps.svg': 'image/svg+xml',
  'maps.png': 'image/png',
} as const;

/** A sheet of maps as a printable page or as a figure. */
export async function exportMapSheet(
  { exports, files, mapSheets, paper, version }: Parts,
  { format, ...input }: RouteParsed<'maps.sheetExport'>,
): Promise<ExportFile> {
  const sheet = await mapSheets.sheet(input);
  if (sheet.blocks.length === 0) {
    throw conflict(`There are no maps to show. ${sheet.notes.join(' ')}`.trim());
  }
  const font = openFont(files.fonts);
  const bytes =
    format === 'maps.html'
      ? Buffer.from(mapSheetHtml(sheet, font, paper().reference, version))
      : format === 'maps.svg'
        ? Buffer.from(mapSheetSvg(sheet, font, 'real'))
        : Buffer.from(await pngOf(mapSheetSvg(sheet, font, 'paths')));
  return exports.put(format, mimes[format], bytes);
}
