/// Types of events as people write them, with commas or blanks between: "order.*, payment.declined". The node says what is
/// none.
export const writtenTypes = (text: string | undefined): string[] => (text ?? "").split(/[\s,]+/).filter(Boolean);
