// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { paperMethods } from '../../src/shared/catalogue/methods';
import { coherenceId, edgesId, questionOf } from '../../src/shared/ratings/questions';
import { type StudyResults } from '../../src/shared/ratings/results';
import { paperTables } from '../../src/renderer/views/analysis/paper-tables';
import RatingTable from '../../src/renderer/views/analysis/RatingTable.vue';
import {
  cellFinder,
  compareCells,
  type Reference,
  tableColumns,
  tableGroups,
} from '../../src/renderer/views/analysis/table-rows';
import { lime } from '../fixtures/imported-method';
import { type MadeStudy, studyResults } from './results-records';

const unknown = 'an-unknown-method';

describe('rows and columns', () => {
  it('are the paper’s, in its order and groups, then the others', () => {
    const groups = tableGroups(studyResults({ images: 1 }), 'paper');
    expect(groups.map(({ id }) => id)).toEqual(['individual', 'combination', 'control']);
    expect(groups.flatMap(({ rows }) => rows).map(({ id }) => id)).toEqual([
      ...paperMethods.map(({ id }) => id),
      'random',
    ]);
    expect(groups[1]?.rows.at(-1)?.name).toBe('Integrated Guided Backprop*');
  });

  it('of the paper that the study lacks stand beside it only where the paper does', () => {
    const results = studyResults({ methods: [unknown, 'smoothgrad'], images: 1 });
    const names = (reference: Reference) =>
      tableGroups(results, reference).flatMap(({ rows }) => rows.map(({ id }) => id));
    expect(names('none')).toEqual(['smoothgrad', unknown]);
    expect(names('paper')).toEqual([...paperMethods.map(({ id }) => id), unknown]);
    expect(tableColumns(results, 'none').map(({ id }) => id)).toEqual(['mnist']);
    expect(tableColumns(results, 'paper').map(({ id, ours }) => [id, ours])).toEqual([
      ['mnist', true],
      ['cifar10', false],
      ['tiny-imagenet', false],
    ]);
  });

  it('put a dataset that the paper lacks last, with nothing beside it', () => {
    const results = studyResults({ datasets: ['aerial', 'tiny-imagenet'], images: 1 });
    expect(tableColumns(results, 'paper').at(-1)).toEqual({
      id: 'aerial',
      name: 'aerial',
      ours: true,
      beside: false,
    });
    expect(tableColumns(results, 'unfiltered').map(({ id }) => id)).toEqual([
      'tiny-imagenet',
      'aerial',
    ]);
  });

  it('read the paper’s labels', () => {
    const label = (question: string, method: string, dataset: string) =>
      paperTables.get(question)?.label(method, dataset);
    expect(label(coherenceId, 'grad-x-input', 'mnist')).toBe('Very High');
    expect(label(edgesId, 'grad-x-input', 'cifar10')).toBe('Low');
    expect(label(coherenceId, 'random', 'mnist')).toBeNull();
    expect(label(coherenceId, 'smoothgrad', 'aerial')).toBeNull();
    const beside = (method: string) =>
      compareCells(null, coherenceId, 'mnist', method, 'paper', null);
    expect(beside('grad-x-input')).toMatchObject({ label: 'Very High', score: 5, steps: null });
    expect(beside('random')).toBeNull();
  });
});

describe('a table', () => {
  function table(made: MadeStudy = {}, reference: Reference = 'paper', numbers = false) {
    const results = studyResults(made);
    const whole = made.filters ? studyResults({ ...made, filters: {} }) : results;
    const wrapper = mount(RatingTable, {
      props: {
        results,
        whole,
        question: questionOf(results.questions, coherenceId),
        reference,
        numbers,
      },
      attachTo: document.body,
    });
    return { wrapper, results };
  }
  const rowOf = (wrapper: ReturnType<typeof table>['wrapper'], method: string) =>
    wrapper.find(`tr[data-method="${method}"]`);
  const cellOf = (results: StudyResults, method: string) => {
    const cell = cellFinder(results)('visual-coherence', 'mnist', method);
    if (!cell) throw new Error(`no cell of ${method}`);
    return cell;
  };
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('shows the median labels and marks those that differ from the paper, in words too', () => {
    const { wrapper, results } = table();
    const ours = rowOf(wrapper, 'guided-backprop').find('td.ours');
    const cell = cellOf(results, 'guided-backprop');
    expect(ours.text()).toContain(cell.label);
    const steps = (cell.median ?? 0) - 2;
    expect(steps).toBeGreaterThan(0);
    const beside = rowOf(wrapper, 'guided-backprop').find('td.beside').text();
    expect(beside).toContain('Low');
    expect(beside).toContain(`▲ ${steps}`);
    expect(beside).toContain('higher than in the paper');
    expect(rowOf(wrapper, 'grad-x-input').find('td.beside').text()).toBe('Very High');
    expect(rowOf(wrapper, 'random').find('td.beside').text()).toBe('–');
  });

  it('marks methods whose maps were made elsewhere, and no others', () => {
    const { wrapper } = table({ methods: [lime.id, 'smoothgrad'], images: 1 }, 'none');
    expect(rowOf(wrapper, lime.id).find('th').text()).toMatch(/ imported$/);
    expect(rowOf(wrapper, 'smoothgrad').find('th').text()).toBe('SmoothGrad');
  });

  it('says all that is known of a cell to those who do not see it', () => {
    const { wrapper, results } = table();
    const cell = cellOf(results, 'smoothgrad');
    const words = rowOf(wrapper, 'smoothgrad').find('button .visually-hidden').text();
    expect(words).toContain(`SmoothGrad, MNIST: ${cell.label ?? ''}; 18 ratings`);
    expect(words).toContain(`mean ${cell.mean?.toFixed(2) ?? ''}`);
    expect(words).toContain(
      `95% interval ${cell.low?.toFixed(2) ?? ''} to ${cell.high?.toFixed(2) ?? ''}`,
    );
  });

  it('opens the distribution under the pointer and for the focus, and closes it with Escape', async () => {
    const { wrapper, results } = table();
    const button = rowOf(wrapper, 'smoothgrad').find('button');
    await button.trigger('pointerenter');
    const tip = wrapper.find('.tip');
    expect(tip.text()).toContain('Ratings18');
    const counts = tip.findAll('.bars li').map((row) => row.find('.number').text());
    expect(counts).toEqual(cellOf(results, 'smoothgrad').distribution.map(String));
    await button.trigger('pointerleave');
    expect(wrapper.find('.tip').exists()).toBe(false);
    button.element.focus();
    await nextTick();
    expect(wrapper.find('.tip').exists()).toBe(true);
    await button.trigger('keydown', { key: 'Escape' });
    expect(wrapper.find('.tip').exists()).toBe(false);
  });

  it('is one stop for Tab, and arrows go from cell to cell over rows without ratings', async () => {
    const { wrapper } = table({ methods: ['vanilla-gradient', 'smoothgrad'], images: 2 });
    const stops = () =>
      wrapper
        .findAll('button')
        .filter((button) => button.attributes('tabindex') === '0')
        .map((button) => button.attributes('data-cell'));
    expect(stops()).toEqual(['0:0']);
    wrapper.find<HTMLElement>('[data-cell="0:0"]').element.focus();
    await wrapper.find('[data-cell="0:0"]').trigger('keydown', { key: 'ArrowDown' });
    await nextTick();
    // Row 1 (Grad × Input) was not rated.
    expect(stops()).toEqual(['2:0']);
    expect((document.activeElement as HTMLElement).dataset['cell']).toBe('2:0');
    await wrapper.find('[data-cell="2:0"]').trigger('keydown', { key: 'ArrowRight' });
    expect(stops()).toEqual(['2:0']);
    expect(rowOf(wrapper, 'grad-x-input').text()).toContain('not rated');
  });

  it('sets filtered medians beside those without filters', () => {
    const { wrapper } = table({ filters: { raters: ['ann'] } }, 'unfiltered');
    expect(wrapper.text()).toContain('Unfiltered');
    expect(wrapper.text()).not.toContain('CIFAR');
    expect(rowOf(wrapper, 'random').find('td.beside').text()).toBe('Low');
  });

  it('shows the numbers in the cells where asked, and nothing but ours where asked', () => {
    const { wrapper, results } = table({}, 'none', true);
    const cell = cellOf(results, 'smoothgrad');
    const text = rowOf(wrapper, 'smoothgrad').find('td.ours').text();
    expect(text).toContain(cell.mean?.toFixed(2));
    expect(text).toContain('n 18');
    expect(wrapper.findAll('td.beside')).toHaveLength(0);
  });
});
