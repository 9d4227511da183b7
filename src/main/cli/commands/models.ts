import { z } from 'zod';
import { modelIdSchema } from '../../../shared/ids';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { writeTo } from '../files';
import { parseOptions } from '../options';
import { shareCell, table } from '../output';
import { outFile } from '../places';

export async function modelsList(context: CommandContext): Promise<Outcome> {
  const models = await withApp(context, 'read', ({ api }) => api.call('models.list', {}));
  return {
    json: { command: 'models list', models },
    text:
      models.length === 0
        ? ['There is no model in this data directory.']
        : table(
            ['model', 'dataset', 'network', 'from', 'state', 'accuracy', 'name'],
            models.map(({ id, dataset, architecture, origin, state, validationAccuracy, name }) => [
              id,
              dataset,
              architecture,
              origin,
              state,
              shareCell(validationAccuracy),
              name,
            ]),
          ),
    exit: exits.done,
  };
}

export interface ModelsExportOptions {
  readonly out: string;
}

/** The weights of a model as PyTorch’s `load_state_dict` takes them. */
export async function modelsExport(
  context: CommandContext,
  id: string,
  { out }: ModelsExportOptions,
): Promise<Outcome> {
  const { model } = parseOptions(
    z.object({ model: modelIdSchema }),
    { model: id },
    { model: 'ID' },
  );
  const to = await outFile(out);
  const path = await withApp(context, 'read', async (app) =>
    writeTo(to, app, await app.api.call('models.export', { model })),
  );
  return {
    json: { command: 'models export', model, files: [path] },
    text: [`Written to ${path}.`],
    exit: exits.done,
  };
}
