// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import RatedQuestions from '../../src/renderer/views/studies/RatedQuestions.vue';
import { studyErrors, stepOf } from '../../src/renderer/views/studies/wizard';
import { defaultQuestions, type Question } from '../../src/shared/ratings/questions';
import { copyOf } from '../../src/shared/ratings/study';
import { trust } from '../fixtures/questions';
import { studyConfig } from './study-records';

afterEach(() => {
  document.body.innerHTML = '';
});

function form(given: readonly Question[] = defaultQuestions, kept: readonly string[] = []) {
  const wrapper = mount(RatedQuestions, {
    attachTo: document.body,
    props: {
      modelValue: copyOf(given),
      errors: {},
      kept,
      'onUpdate:modelValue': async (questions: Question[]) => {
        const errors = studyErrors({ ...studyConfig(), questions }, 'Mine');
        await wrapper.setProps({ modelValue: questions, errors });
      },
    },
  });
  const questions = () => wrapper.props('modelValue');
  const button = (name: string) => {
    const found = wrapper
      .findAll('button')
      .find((one) => one.attributes('aria-label') === name || one.text() === name);
    if (!found) throw new Error(`There is no button ${name}.`);
    return found;
  };
  const fill = async (index: number, label: string, text: string) => {
    const setting = wrapper
      .findAll('fieldset')
      [index]?.findAll('.setting')
      .find((one) => one.find('label').text() === label);
    await setting?.find('input, textarea').setValue(text);
    await nextTick();
  };
  const settings = (index: number) =>
    wrapper
      .findAll('fieldset')
      [index]?.findAll('.setting label')
      .map((label) => label.text());
  return { wrapper, questions, button, fill, settings };
}

describe('the questions of a study in its form', () => {
  it('are the paper’s two, whose ids stay whatever their titles become', async () => {
    const { wrapper, questions, fill, settings } = form();
    expect(wrapper.findAll('legend').map((legend) => legend.text())).toEqual([
      'Visual coherence (Table I)',
      'Edge differentiation (Table II)',
    ]);
    expect(settings(0)).toEqual(['Title', 'Question', 'Labels', 'Help']);
    await fill(0, 'Title', 'Coherence');
    expect(questions()[0]).toMatchObject({ id: 'visual-coherence', title: 'Coherence' });
    expect(wrapper.find('legend').text()).toBe('Coherence (Table I)');
  });

  it('can be added, named, put in order and left out', async () => {
    const { wrapper, questions, button, fill, settings } = form();
    await button('Add a rating question').trigger('click');
    expect(settings(2)).toContain('Id');
    expect(wrapper.props('errors')).toMatchObject({
      'questions.2.title': 'a title of 1 to 60 characters',
      'questions.2.text': 'a question of 1 to 300 characters',
    });
    await fill(2, 'Title', trust.title);
    await fill(2, 'Question', trust.text);
    await fill(2, 'Labels', trust.labels.join('\n'));
    expect(wrapper.props('errors')).toEqual({});
    expect(questions()[2]).toEqual(trust);
    await button('Ask Trust earlier').trigger('click');
    await button('Ask Trust earlier').trigger('click');
    expect(questions().map(({ id }) => id)).toEqual([
      'trust',
      'visual-coherence',
      'edge-differentiation',
    ]);
    expect(button('Ask Trust earlier').attributes('disabled')).toBeDefined();
    await button('Leave out Edge differentiation (Table II)').trigger('click');
    await button('Leave out Visual coherence (Table I)').trigger('click');
    expect(questions()).toEqual([trust]);
    expect(button('Leave out Trust').attributes('disabled')).toBeDefined();
    await button('The paper’s definitions').trigger('click');
    expect(questions()).toEqual(defaultQuestions);
  });

  it('have ids that follow the title of a new one until somebody writes another', async () => {
    const { questions, fill } = form([...defaultQuestions, { ...trust, id: 'trust' }]);
    await fill(2, 'Title', 'Trust in it');
    expect(questions()[2]?.id).toBe('trust-in-it');
    await fill(2, 'Id', 'faith');
    await fill(2, 'Title', 'Belief');
    expect(questions()[2]).toMatchObject({ id: 'faith', title: 'Belief' });
    const saved = form([trust], ['trust']);
    await saved.fill(0, 'Title', 'Belief');
    expect(saved.questions()[0]).toMatchObject({ id: 'trust', title: 'Belief' });
  });

  it('are refused field by field, labels as one', async () => {
    const { wrapper, fill } = form([trust]);
    const refusedAt = async (labels: string) => {
      await fill(0, 'Labels', labels);
      return wrapper.props('errors');
    };
    expect(await refusedAt('Only')).toEqual({
      'questions.0.labels': '2 to 9 labels, the lowest first',
    });
    expect(await refusedAt('a\n\nb')).toEqual({
      'questions.0.labels': 'a label of 1 to 40 characters',
    });
    expect(await refusedAt('a\nA')).toMatchObject({
      'questions.0.labels': expect.stringContaining('each label once') as string,
    });
    expect(wrapper.find('.setting.refused').text()).toContain('each label once');
    expect(stepOf('questions.0.labels')).toBe('texts');
  });
});
