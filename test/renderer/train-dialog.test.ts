// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { refuse } from '../../src/shared/errors';
import { clientKey } from '../../src/renderer/api/client';
import { useModels } from '../../src/renderer/stores/models';
import TrainDialog from '../../src/renderer/views/models/TrainDialog.vue';
import { backend, settled } from './support';
import { jobRecord, modelId, modelRecord } from './records';

async function open(handlers: Parameters<typeof backend>[0]) {
  const wire = backend(handlers);
  const started: string[] = [];
  const pinia = createPinia();
  const wrapper = mount(TrainDialog, {
    props: { modelValue: true, onStarted: (id: string) => started.push(id) },
    global: { plugins: [pinia], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  await nextTick();
  if (handlers['models.list']) await useModels(pinia).load();
  await settled();
  const field = (label: string) => {
    const found = [...document.querySelectorAll('label')].find((l) => l.textContent === label);
    const input = document.getElementById(found?.getAttribute('for') ?? '');
    if (!(input instanceof HTMLInputElement)) throw new Error(`no field ${label}`);
    return input;
  };
  const type = async (label: string, text: string) => {
    field(label).value = text;
    field(label).dispatchEvent(new Event('input', { bubbles: true }));
    await nextTick();
    await settled();
  };
  const select = (label: string) => {
    const found = [...document.querySelectorAll('label')].find((l) => l.textContent === label);
    const input = document.getElementById(found?.getAttribute('for') ?? '');
    if (!(input instanceof HTMLSelectElement)) throw new Error(`no choice ${label}`);
    return input;
  };
  const shown = (label: string) => select(label).selectedOptions[0]?.textContent.trim() ?? '';
  const choose = async (label: string, option: string) => {
    const options = [...select(label).options].map(({ textContent }) => textContent.trim());
    expect(options).toContain(option);
    select(label).selectedIndex = options.indexOf(option);
    select(label).dispatchEvent(new Event('change', { bubbles: true }));
    await settled();
    await nextTick();
  };
  const hint = (label: string) =>
    (
      document.getElementById(field(label).getAttribute('aria-describedby') ?? '')?.textContent ??
      ''
    ).trim();
  const submit = async () => {
    document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await settled();
    await settled();
  };
  return { wire, wrapper, started, field, type, hint, submit, shown, choose };
}

/** What a model brings to a recipe that starts from it. */
const network = { architecture: 'mnist-cnn', options: {}, resize: null, crop: null };

describe('the training form', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('says beside a field what it accepts', async () => {
    const { type, hint } = await open({});
    expect(hint('Epochs')).toContain('1 to 200');
    await type('Epochs', '500');
    expect(hint('Epochs')).toBe('Accepted: a whole number from 1 to 200');
    await type('Epochs', '3');
    expect(hint('Epochs')).not.toContain('Accepted');
  });

  it('asks how pixels are removed where any are', async () => {
    const { type, hint, field } = await open({});
    expect(hint('Level t')).toBe('0 to 1 of the pixels; 0 removes nothing');
    expect(field('Seed of removal').disabled).toBe(true);
    await type('Level t', '0.5');
    expect(field('Seed of removal').disabled).toBe(false);
    await type('Level t', '2');
    expect(hint('Level t')).toBe('Accepted: a number from 0 to 1');
  });

  it('starts what was typed and tells which model came of it', async () => {
    const { wire, type, submit, started } = await open({
      'models.train': () => ({ job: jobRecord(), model: modelRecord({ state: 'training' }) }),
    });
    await type('Epochs', '3');
    await type('Training images', '6000');
    await type('Level t', '0.5');
    await submit();
    expect(wire.calls[0]?.input).toMatchObject({
      recipe: { epochs: 3, trainLimit: 6000 },
      removal: { level: 0.5 },
    });
    expect(started).toEqual([modelId('a')]);
  });

  it('starts from a model that is chosen, unless core says that it does not fit', async () => {
    const sha256 = 'a'.repeat(64);
    const theirs = modelRecord({ name: 'Theirs', sha256, recipe: null, origin: 'imported' });
    const other = modelRecord({ id: modelId('b'), name: 'Other', sha256: 'b'.repeat(64) });
    const { wire, submit, choose, shown } = await open({
      'models.list': () => [theirs, other],
      'models.startFrom': ({ model }) => {
        if (model !== theirs.id) throw refuse('model', 'Other', 'a model for these images');
        const init = { weights: sha256, head: 'keep' as const, layers: 'all' as const };
        return { ...network, init, otherHead: null };
      },
      'models.train': () => ({ job: jobRecord(), model: modelRecord({ state: 'training' }) }),
    });
    expect(shown('Starts from')).toBe('Drawn weights');
    await choose('Starts from', 'Theirs (MNIST network)');
    expect(shown('Starts from')).toContain('Theirs');
    await choose('Last layer', 'Anew');
    await choose('Starts from', 'Other (MNIST network)');
    // What was chosen before stands.
    expect(shown('Starts from')).toContain('Theirs');
    expect(document.body.textContent).toContain('accepted: a model for these images');
    await choose('Starts from', 'Drawn weights');
    expect(() => shown('Last layer')).toThrow('no choice');
    await choose('Starts from', 'Theirs (MNIST network)');
    await choose('Last layer', 'Anew');
    await choose('Layers trained', 'The last one only');
    await submit();
    const sent = wire.calls.findLast(({ route }) => route === 'models.train')?.input;
    expect(sent).toMatchObject({
      recipe: { init: { weights: sha256, head: 'anew', layers: 'last' } },
    });
  });

  it('keeps no last layer of other classes, and says which they are', async () => {
    const theirs = modelRecord({ name: 'Theirs', sha256: 'a'.repeat(64) });
    const { choose, shown } = await open({
      'models.list': () => [theirs],
      'models.startFrom': () => ({
        ...network,
        init: { weights: 'a'.repeat(64), head: 'anew' as const, layers: 'all' as const },
        otherHead: 'class 1 is cat there, and 0 here',
      }),
    });
    await choose('Starts from', 'Theirs (MNIST network)');
    expect(shown('Last layer')).toBe('Anew');
    expect(document.body.textContent).toContain('class 1 is cat there, and 0 here');
    await expect(choose('Last layer', 'As it is')).rejects.toThrow();
  });

  it('shows a refusal from core beside its field, until the form changes', async () => {
    const { type, hint, submit } = await open({
      'models.train': () => {
        throw refuse('recipe.trainLimit', 70_000, 'at most 60000');
      },
    });
    await type('Training images', '70000');
    await submit();
    expect(hint('Training images')).toBe('Accepted: at most 60000');
    await type('Training images', '6000');
    expect(hint('Training images')).not.toContain('at most 60000');
  });
});
