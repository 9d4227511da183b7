// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { refuse } from '../../src/shared/errors';
import { clientKey } from '../../src/renderer/api/client';
import TrainDialog from '../../src/renderer/views/models/TrainDialog.vue';
import { backend, settled } from './support';
import { jobRecord, modelId, modelRecord } from './records';

async function open(handlers: Parameters<typeof backend>[0]) {
  const wire = backend(handlers);
  const started: string[] = [];
  const wrapper = mount(TrainDialog, {
    props: { modelValue: true, onStarted: (id: string) => started.push(id) },
    global: { plugins: [createPinia()], provide: { [clientKey as symbol]: wire.client } },
    attachTo: document.body,
  });
  await nextTick();
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
  return { wire, wrapper, started, field, type, hint, submit };
}

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
