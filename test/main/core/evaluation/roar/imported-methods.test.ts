import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { artifactKey } from '../../../../../src/main/core/artifacts/artifacts';
import { mapKey, modelKey } from '../../../../../src/main/core/artifacts/keys';
import { requireImported } from '../../../../../src/main/core/evaluation/roar/imported-methods';
import { levelSpec } from '../../../../../src/main/core/evaluation/roar/level-training';
import { type Method } from '../../../../../src/shared/catalogue/methods';
import { paperMetric } from '../../../../../src/shared/catalogue/metrics';
import { encodeNpy } from '../../../../../src/shared/npy';
import { roarSettings } from '../../../../fixtures/datasets';
import { planInputs, planParts } from '../metrics/plan-inputs';
import { at, id, newJob, sha } from '../../storage/helpers';

it('maps that a run of a model that sees a part has stored are not missed where their import is lost', async () => {
  const { core, parts } = planParts();
  const given = roarSettings({ images: 10 });
  const settings = { ...given, recipe: { ...given.recipe, crop: 24 } };
  const base = id('model', 'b');
  const lime = `imported-${sha('lime')}`;
  const covered = { train: 0, validation: 10 };
  const method: Method = {
    ...{ id: lime, name: 'LIME', composition: lime, group: 'imported', equations: '' },
    imported: { dataset: 'mnist', model: base, citation: '', file: 'lime.npy', ...covered },
  };
  const inputs = planInputs(settings, [method]);
  const spec = levelSpec(settings, 0);
  core.jobs.insert(newJob('b'));
  parts.trainings.make(
    modelKey(spec, inputs.dataset, inputs.engine),
    spec,
    'A model',
    id('job', 'b'),
    base,
  );

  const put = (key: string) =>
    core.artifacts.put({
      bytes: encodeNpy({ shape: [10, 24, 24, 1], data: new Float32Array(10 * 576) }),
      ...{ kind: 'map', key },
    });
  const imported = await put(artifactKey('map', { imported: lime }));
  core.methods.insert({ id: lime, name: 'LIME', composition: lime }, at(1));
  core.imported.put(lime, { ...inputs.dataset, model: base, citation: '', file: 'lime.npy' }, [
    { split: 'validation', images: [[0, 9]], block: 10, artifacts: [imported.key] },
  ]);
  const check = () => requireImported(parts, inputs, paperMetric);
  await check();
  rmSync(await core.artifacts.open(imported.key));
  await expect(check()).rejects.toThrow('were lost or damaged');

  // As the run stores them: by the model's own hash, and by what it sees.
  const images = { dataset: inputs.dataset, split: 'validation', indices: range(10) } as const;
  const { parameters, seed } = settings;
  const weights = { sha256: sha('weights'), architecture: 'mnist-cnn', input: { crop: 24 } };
  await put(mapKey(inputs.operators, images, lime, parameters, seed, weights, inputs.engine));
  await check();
});

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
