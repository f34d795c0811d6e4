import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type RefObject, useRef, useState } from "react";

import { asProblem } from "../../api/problem";
import { fieldOf, wrongAt } from "../../words/problems";

export interface FormState {
  form: RefObject<HTMLFormElement | null>;
  send: (event: FormEvent<HTMLFormElement>) => void;
  isPending: boolean;
  /// Why it was refused, as far as no field can say it.
  refused: unknown;
  wrong: (field: string) => string | undefined;
}

/// A form that is sent: `run` gets what was filled in, and throws a Problem when it was refused. What is wrong with a field
/// stands at the field of that name, and the first of these gets the focus.
export function useForm(run: (values: Record<string, string>) => Promise<unknown>, onDone: () => void): FormState {
  const form = useRef<HTMLFormElement>(null);
  const [isAtFields, setAtFields] = useState(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: run,
    onSuccess: onDone,
    onError: (thrown) => {
      const fields = asProblem(thrown).errors.map(({ pointer }) => form.current?.elements.namedItem(fieldOf(pointer)));
      setAtFields(fields.length > 0 && fields.every(Boolean));
      if (fields[0] instanceof HTMLElement) fields[0].focus();
    },
  });
  return {
    form,
    isPending,
    refused: error && !isAtFields ? error : undefined,
    wrong: (field) => (error ? wrongAt(asProblem(error), field) : undefined),
    send(event) {
      event.preventDefault();
      if (isPending) return;
      const values = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]);
      mutate(Object.fromEntries(values) as Record<string, string>);
    },
  };
}
