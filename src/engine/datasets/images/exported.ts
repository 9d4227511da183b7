import {
  datasetListFile,
  type DatasetManifest,
  datasetManifestFile,
  datasetManifestSchema,
} from '../../../shared/dataset-archive';
import { type FileTree, join } from '../file-tree';
import { refusal } from '../refusal';
import { labelList, type LabelList } from './labels';
import { maxListBytes } from './limits';

/** Bytes of the largest manifest that is read: 10,000 long names of classes have less. */
const maxManifestBytes = 16 * 2 ** 20;

/**
 * What lies in a folder that holds an export of Saliency Studio; null: there is none.
 *
 * @throws StudioError `corrupt-file` naming the manifest, or the list that is missing beside it
 */
export async function exportIn(
  tree: FileTree,
  folder: string,
  files: readonly string[],
): Promise<{ readonly list: LabelList; readonly manifest: DatasetManifest } | null> {
  if (!files.includes(datasetManifestFile)) return null;
  const place = join(folder, datasetManifestFile);
  const manifest = manifestOf(place, await tree.read(place, maxManifestBytes));
  const listed = join(folder, datasetListFile);
  if (!files.includes(datasetListFile)) {
    throw refusal(listed, `the file is missing, which ${datasetManifestFile} belongs to`);
  }
  const list = labelList(listed, await tree.read(listed, maxListBytes));
  if (list === null)
    throw refusal(listed, 'its first line does not name the columns path and label');
  return { list, manifest };
}

function manifestOf(place: string, bytes: Uint8Array): DatasetManifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refusal(place, 'it is no JSON', error);
  }
  const parsed = datasetManifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw refusal(
    place,
    `it is not as an export of this version is: ${field} (${issue?.message ?? ''})`,
  );
}
