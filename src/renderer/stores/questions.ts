import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the two buttons say. */
  readonly yes: string;
  readonly no: string;
  /** What is given up cannot be had again. */
  readonly danger?: boolean;
}

interface Asked extends Omit<Question, 'text'> {
  readonly text: string | null;
  /** A name is asked for: the one of now. */
  readonly name: string | null;
  /** Null: no. */
  readonly answer: (name: string | null) => void;
}

/** The one question that is asked at a time, before something is done. */
export const useQuestions = defineStore('questions', () => {
  const asked = shallowRef<Asked | null>(null);

  function answer(name: string | null): void {
    asked.value?.answer(name);
    asked.value = null;
  }

  function put(question: Omit<Asked, 'answer'>): Promise<string | null> {
    answer(null);
    return new Promise((resolve) => (asked.value = { ...question, answer: resolve }));
  }

  return {
    asked,
    answer,
    /** Whether a person says yes. */
    sure: async (question: Question) => (await put({ ...question, name: null })) !== null,
    /** Another name for what is called `name`; null: it stays. */
    rename: (title: string, name: string) =>
      put({ title, text: null, yes: 'Rename', no: 'Keep', name }),
  };
});
