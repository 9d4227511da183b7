// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { expect, it } from 'vitest';
import ClassMapping from '../../src/renderer/views/models/ClassMapping.vue';

it('maps thousands of classes with a few elements, and suggests outputs by what is typed', async () => {
  const classes = Array.from({ length: 10_000 }, (_, i) => `class ${i}`);
  const outputs = classes.map((name) => `output of ${name}`);
  const wrapper = mount(ClassMapping, {
    props: { dataset: classes, outputs, modelValue: classes.map(() => null) },
    attachTo: document.body,
  });
  expect(wrapper.findAll('*').length).toBeLessThan(200);
  const input = wrapper.get<HTMLInputElement>('input[aria-label="Output of class 3"]');
  await input.trigger('focus');
  input.element.value = 'OF CLASS 77';
  await input.trigger('input');
  const offered = wrapper.findAll('datalist option').map((option) => option.attributes('value'));
  expect(offered).toHaveLength(30);
  expect(offered[0]).toBe('output of class 77');
  expect(offered.every((name) => name?.includes('class 77'))).toBe(true);
  input.element.value = 'output of class 7700';
  await input.trigger('change');
  const [[mapping] = []] = wrapper.emitted<[(number | null)[]]>('update:modelValue') ?? [];
  expect(mapping?.[3]).toBe(7700);
});
