/** What people were told by the steps of one kind, in their order. */
export const texts = (steps: readonly { name: string; input: unknown }[], name: string): string[] =>
  steps
    .filter((step) => step.name === name)
    .map(({ input }) => {
      const { text, comment, description } = input as { text?: string; comment?: string; description?: string };
      return text ?? comment ?? description ?? "";
    });
