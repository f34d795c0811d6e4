/// The orders of a list that must be read again because something happened to them.
///
/// What happens while the list itself is read is kept until the answer is there: it may have been given before, and
/// until then nobody knows which orders it brings.
export class Changes {
  private changed = new Set<string>();
  private meanwhile = new Set<string>();

  /// `most`: of those that are kept while the list is read.
  constructor(private readonly most: number) {}

  /// False when there are too many to keep: the list may be old.
  take(order: string, isShown: boolean, isReading: boolean): boolean {
    if (isShown) this.changed.add(order);
    if (!isReading || this.meanwhile.has(order)) return true;
    if (this.meanwhile.size >= this.most) return false;
    this.meanwhile.add(order);
    return true;
  }

  /// The list has been read.
  settle(isShown: (order: string) => boolean) {
    for (const order of this.meanwhile) if (isShown(order)) this.changed.add(order);
    this.meanwhile.clear();
  }

  /// Takes out the ones that have waited longest.
  next(count: number): string[] {
    const taken = [...this.changed].slice(0, count);
    for (const order of taken) this.changed.delete(order);
    return taken;
  }

  clear() {
    this.changed.clear();
    this.meanwhile.clear();
  }
}
