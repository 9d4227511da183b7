import { type Command } from 'commander';
import { annotatorEnd } from './commands/annotator';
import { backupCommand, type BackupCommandOptions, restoreCommand } from './commands/backup';
import {
  ratingsErase,
  type RatingsEraseOptions,
  ratingsExport,
  type RatingsExportOptions,
  ratingsImport,
  type RatingsImportOptions,
} from './commands/ratings';
import {
  exportCommand,
  type ExportCommandOptions,
  studiesImport,
  studiesList,
} from './commands/studies';
import { tablesCommand, type TablesCommandOptions } from './commands/tables';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';

type Run = (context: CommandContext) => Promise<Outcome>;
type Add = (parent: Command, nameAndArgs: string, summary: string, after: string) => Command;

const studyOption = [
  '--study <study>',
  'a study by its id, or by a name that only it has',
] as const;

/** The commands about ratings: studies, tables, archives, backups. */
export function addRatingCommands(program: Command, add: Add, choose: (run: Run) => void): void {
  const studies = add(program, 'studies', 'list and import studies', help.studies);
  add(studies, 'list', 'what there is', '').action(() => choose(studiesList));
  add(studies, 'import <file>', 'take in an archive that export made', help.studiesImport).action(
    (path: string) => choose((context) => studiesImport(context, path)),
  );

  const ratings = add(program, 'ratings', 'import, export and erase ratings', help.ratings);
  add(ratings, 'import <file>', 'take in labels from elsewhere (CSV)', help.ratingsImport)
    .option('--encoding <name>', 'utf-8, utf-16le, utf-16be or windows-1252 (default: as found)')
    .option('--delimiter <name>', 'comma, semicolon, tab or pipe (default: as found)')
    .option('--decimal <mark>', 'point or comma (default: as found)')
    .action((path: string, options: RatingsImportOptions) =>
      choose((context) => ratingsImport(context, path, options)),
    );
  add(ratings, 'export', 'write the labels that count (CSV)', help.ratingsExport)
    .requiredOption(...studyOption)
    .option('--out <file>', 'file to write (default: stdout)')
    .action((options: RatingsExportOptions) =>
      choose((context) => ratingsExport(context, options)),
    );
  add(ratings, 'erase', 'take a rater out of the database for good', help.ratingsErase)
    .requiredOption('--rater <code>', 'code of the rater')
    .requiredOption(...studyOption)
    .action((options: RatingsEraseOptions) => choose((context) => ratingsErase(context, options)));

  const annotator = add(program, 'annotator', 'end annotator mode', help.annotator);
  add(annotator, 'end', 'come back to the app without the passphrase', help.annotatorEnd).action(
    () => choose(annotatorEnd),
  );

  add(program, 'tables', 'the tables of a study, with agreement', help.tables)
    .requiredOption(...studyOption)
    .requiredOption('--format <format>', 'csv, latex, markdown, html, json, png, svg or kappas')
    .option('--out <file>', 'file to write (default: stdout; needed for png)')
    .option('--raters <codes>', 'count these raters alone, by code, separated by commas')
    .option('--experience <experience>', 'count naive raters alone, or those who have seen maps')
    .option('--exclude-failed <count>', 'leave out raters who failed so many attention checks')
    .option('--images <images>', 'count these images alone, as dataset/image')
    .option('--from <date>', 'count ratings from this day on, e.g. 2026-01-31 (UTC)')
    .option('--to <date>', 'count ratings up to this day')
    .option('--reveal', 'look at an open study: kept in its log')
    .action((options: TablesCommandOptions) =>
      choose((context) => tablesCommand(context, options)),
    );

  add(program, 'export', 'write the archive of a whole study', help.exportStudy)
    .requiredOption(...studyOption)
    .requiredOption('--out <path>', 'a folder, or a file whose name ends in .zip')
    .action((options: ExportCommandOptions) =>
      choose((context) => exportCommand(context, options)),
    );

  add(program, 'backup', 'copy the database while nothing is lost', help.backup)
    .option('--out <file>', 'a second copy, wherever it is wanted')
    .action((options: BackupCommandOptions) =>
      choose((context) => backupCommand(context, options)),
    );
  add(program, 'restore <file>', 'put a backup in the place of the database', help.restore).action(
    (path: string) => choose((context) => restoreCommand(context, path)),
  );
}
