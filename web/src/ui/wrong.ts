import { createContext } from "react";

/// What is wrong with a field of the form around it, by the field's name. A `Field` shows it.
export const Wrong = createContext<(field: string) => string | undefined>(() => undefined);
