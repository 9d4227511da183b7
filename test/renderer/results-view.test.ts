// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { h } from 'vue';
import { createMemoryHistory } from 'vue-router';
import { StudioError } from '../../src/shared/errors';
import { resultFiltersSchema } from '../../src/shared/ratings/results';
import { type StudyRecord } from '../../src/shared/ratings/study';
import { clientKey } from '../../src/renderer/api/client';
import QuestionDialog from '../../src/renderer/components/frame/QuestionDialog.vue';
import { createStudioRouter } from '../../src/renderer/router';
import { isFiltered } from '../../src/renderer/stores/results';
import ResultsView from '../../src/renderer/views/analysis/ResultsView.vue';
import { type MadeStudy, studyId, studyRecord, studyResults } from './results-records';
import { type Backend, backend, settled } from './support';

const made: MadeStudy = { images: 3, failed: ['ben'], repeats: true };

describe('the results view', () => {
  let wrapper: VueWrapper;
  let wire: Backend;
  let studies: StudyRecord[];
  /** Thrown at the next requests for results. */
  let refusal: StudioError | null = null;

  async function open(path: string, what: MadeStudy = made): Promise<void> {
    wire = backend({
      'studies.list': () => studies,
      'results.get': ({ study, filters = {} }) => {
        if (refusal) throw refusal;
        return {
          ...studyResults(
            isFiltered(resultFiltersSchema.parse(filters)) ? { ...what, filters } : what,
          ),
          study: studies.find(({ id }) => id === study) ?? studyRecord(),
        };
      },
      'results.kappas': ({ question, dataset, rater = null }) =>
        studyResults(what).agreement.filter(
          (each) =>
            each.statistic === 'quadratic-weighted-kappa' &&
            each.question === question &&
            each.dataset === dataset &&
            (rater === null || each.raters?.includes(rater)),
        ),
      'results.reveal': ({ study }) => {
        studies = studies.map((each) =>
          each.id === study ? { ...each, revealedAt: '2026-01-02T00:00:00.000Z' } : each,
        );
        return studies.find(({ id }) => id === study) ?? studyRecord();
      },
      'roar.result': () => {
        throw new StudioError({ code: 'not-found', message: 'There is no such run.' });
      },
    });
    const router = createStudioRouter(createMemoryHistory());
    await router.push(path);
    // The question before a look is the app's, not the view's.
    wrapper = mount(() => [h(ResultsView), h(QuestionDialog)], {
      global: {
        plugins: [createPinia(), router],
        provide: { [clientKey as symbol]: wire.client },
        // Charts draw on a canvas, which this page does not have.
        stubs: { ScatterPanel: true, RoarFigure: true },
      },
      attachTo: document.body,
    });
    await settled();
    await settled();
    await settled();
  }
  const press = async (text: string): Promise<void> => {
    const button = wrapper.findAll('button').find((each) => each.text().startsWith(text));
    await button?.trigger('click');
    await settled();
  };
  const part = async (name: string): Promise<string> => {
    const tab = wrapper.findAll('[role="tab"]').find((each) => each.text() === name);
    await tab?.trigger('click');
    await settled();
    return wrapper.find('[role="tabpanel"]').text().replaceAll(/\s+/g, ' ');
  };

  beforeEach(() => {
    studies = [studyRecord()];
    refusal = null;
  });
  afterEach(() => {
    wrapper.unmount();
    document.body.innerHTML = '';
  });

  it('lists what can be seen of each study, and says how to begin', async () => {
    studies = [
      studyRecord(),
      studyRecord({ id: studyId('b'), name: 'Running', state: 'open' }),
      studyRecord({ id: studyId('c'), name: 'Unmade', state: 'draft', ratings: 0 }),
    ];
    await open('/results');
    const rows = wrapper.findAll('tbody tr').map((row) => row.text());
    expect(rows.find((row) => row.startsWith('Running'))).toContain('hidden while open');
    expect(rows.find((row) => row.startsWith('Unmade'))).toContain('not rated yet');
    wrapper.unmount();
    studies = [];
    await open('/results');
    expect(wrapper.text()).toContain('No results yet');
    expect(wrapper.text()).toContain('import ratings');
  });

  it('hides the results of an open study until a confirmed wish to look, which is logged', async () => {
    studies = [studyRecord({ state: 'open', closedAt: null })];
    await open(`/results/${studyId('a')}`);
    expect(wrapper.text()).toContain('Hidden while raters rate');
    expect(wire.calls.some(({ route }) => route === 'results.get')).toBe(false);
    await press('Show anyway');
    expect(document.body.textContent).toContain('is kept in the study’s log');
    const confirm = [...document.querySelectorAll('button')].find(
      ({ textContent }) => textContent.trim() === 'Show them',
    );
    confirm?.click();
    await settled();
    await settled();
    await settled();
    expect(wire.calls.map(({ route }) => route)).toContain('results.reveal');
    expect(wrapper.text()).toContain('Table I');
    expect(wrapper.text()).toContain('Looked at before it was closed');
  });

  it('says what has to happen first where nobody has rated', async () => {
    studies = [studyRecord({ state: 'open', ratings: 0 })];
    await open(`/results/${studyId('a')}`);
    expect(wrapper.text()).toContain('nobody has rated yet');
    expect(wire.calls.some(({ route }) => route === 'results.get')).toBe(false);
    wrapper.unmount();
    await open('/results/study_zzzzzzzzzzzzzzzz');
    expect(wrapper.text()).toContain('There is no such study');
  });

  it('sets both tables beside the run, or beside the reason why none stands there', async () => {
    await open(`/results/${studyId('a')}`, {
      ...made,
      refused: 'The run explains another model.',
    });
    expect(wrapper.findAll('.ratings table')).toHaveLength(2);
    expect(wrapper.text()).toContain('The run explains another model.');
    expect(await part('Human against ROAR')).toContain('The run explains another model.');
    wrapper.unmount();
    await open(`/results/${studyId('a')}`);
    // What cannot be loaded is said where the chart would stand.
    expect(wrapper.text()).toContain('There is no such run.');
  });

  it('gives the paper’s own figures, the coefficients and where they cannot be had', async () => {
    await open(`/results/${studyId('a')}`);
    const text = await part('Human against ROAR');
    for (const figure of ['0.7456', '0.5845', '0.8710', '0.7226', '0.6390']) {
      expect(text).toContain(figure);
    }
    expect(text).toContain('prints its ROAR values only as figures');
    const results = studyResults(made);
    const spearman = results.correlation.find(
      (each) => each.statistic === 'spearman' && each.against === 'roar-advantage',
    );
    expect(text).toContain(spearman?.value?.toFixed(4).replace('-', '−'));
    expect(text).toContain(spearman?.p?.toFixed(3));
  });

  it('gives agreement, tests with their sentence, and every rater', async () => {
    await open(`/results/${studyId('a')}`);
    const results = studyResults(made);
    const text = await part('Agreement');
    const alpha = results.agreement.find(
      ({ statistic }) => statistic === 'krippendorff-alpha-ordinal',
    );
    expect(text).toContain(alpha?.value?.toFixed(3));
    expect(text).toContain(results.friedman[0]?.sentence);
    const kappa = results.agreement.find(
      ({ statistic }) => statistic === 'quadratic-weighted-kappa',
    );
    expect(text).toContain(kappa?.value?.toFixed(2));
    expect(await part('Raters')).toContain('0 of 1 · 1 failed');
    expect(wrapper.findAll('tr[data-rater]')).toHaveLength(3);
  });

  it('says why nothing about agreement is defined with one rater from elsewhere', async () => {
    studies = [studyRecord({ config: null, origin: 'imported' })];
    await open(`/results/${studyId('a')}`, {
      raters: ['solo'],
      images: 2,
      study: { config: null, origin: 'imported' },
    });
    expect(wrapper.text()).toContain('these ratings were made elsewhere');
    expect(await part('Agreement')).toContain('Agreement needs two raters, and there is one.');
    expect(await part('Raters')).toContain('No trial was repeated');
  });

  it('loads the pairs of one of very many raters when that rater is chosen', async () => {
    const raters = Array.from({ length: 31 }, (_, i) => `R${i + 1}`);
    const methods = ['smoothgrad', 'sobel'];
    const many = {
      raters,
      methods,
      images: 1,
      study: { config: null, origin: 'imported' },
    } as const;
    await open(`/results/${studyId('a')}`, many);
    const text = await part('Agreement');
    expect(text).toContain('465 of 465 pairs of raters rated a map in common.');
    const { median } = studyResults(many).kappas[0] ?? {};
    expect(text).toContain(`median ${median?.toFixed(2).replace('-', '−')}`);
    expect(text).toContain('choose a rater to see the kappas');
    expect(wire.calls.some(({ route }) => route === 'results.kappas')).toBe(false);
    const choice = wrapper.findAll('select').find((each) => each.text().includes('Choose a rater'));
    const select = choice?.element;
    if (!(select instanceof HTMLSelectElement)) throw new Error('there is a choice of raters');
    select.selectedIndex = 7;
    await choice?.trigger('change');
    await settled();
    await settled();
    expect(wire.calls.at(-1)).toMatchObject({
      route: 'results.kappas',
      input: { question: 'visual-coherence', dataset: 'mnist', rater: 'R7' },
    });
    const rows = wrapper.findAll('[aria-label*="with each other rater"] tbody tr');
    expect(rows).toHaveLength(30);
    expect(rows[0]?.text()).toMatch(/^R1.*2$/);
  });

  it('waits where nothing is chosen, and names the filter that was refused as the page does', async () => {
    await open(`/results/${studyId('a')}`);
    await press('Filters');
    const list = wrapper.findAll('fieldset').find((each) => each.text().startsWith('Raters'));
    const none = list?.findAll('button').find((each) => each.text() === 'None');
    const asked = wire.calls.length;
    await none?.trigger('click');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(wire.calls).toHaveLength(asked);
    expect(list?.find('[role="alert"]').text()).toBe('Choose at least one rater.');
    const box = list?.find('input[type="checkbox"]');
    await box?.setValue(true);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await settled();
    expect(wire.calls.at(-1)?.input).toMatchObject({ filters: { raters: ['ann'] } });
    expect(wrapper.find('.notes').text()).toContain('Raters: 1 of 3 (ann).');

    refusal = new StudioError({
      ...{ code: 'invalid-input', message: 'filters.from is "2030-01-01"; accepted: a day.' },
      ...{ field: 'filters.from', value: '"2030-01-01"', accepted: 'a day up to 2026-01-01' },
    });
    const from = wrapper.findAll('input[type="date"]')[0];
    await from?.setValue('2030-01-01');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await settled();
    expect(wrapper.find('.notice').text()).toContain(
      'Rated from: "2030-01-01" was refused; accepted: a day up to 2026-01-01.',
    );
  });

  it('filters, says what was left out, and shows the medians with and without', async () => {
    await open(`/results/${studyId('a')}`);
    await press('Filters');
    const choice = wrapper.findAll('label').find((label) => label.text() === '1 or more');
    await choice?.find('input').trigger('change');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await settled();
    expect(wire.calls.at(-1)?.input).toMatchObject({ filters: { excludeFailedChecks: 1 } });
    const counted = wrapper.find('[data-test="results-counted"]').text().replaceAll(/\s+/g, ' ');
    expect(counted).toContain('120 ratings count of 180');
    expect(counted).toContain('60 ratings left out: Raters who failed an attention check');
    expect(counted).toMatch(/With and without the filters, \d+ of 20 medians are the same/);
    expect(wrapper.text()).toContain('Without the filters');
    await press('Remove all filters');
    await settled();
    expect(wrapper.find('[data-test="results-counted"]').text()).toContain('180 ratings');
  });
});
