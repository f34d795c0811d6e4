/// Calls `act` at once; what is asked within `everyMs` of that is one more call, at its end. A thousand events in a
/// second are two readings.
export class Throttle {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isAsked = false;

  constructor(
    private readonly act: () => void,
    private readonly everyMs: number,
  ) {}

  ask() {
    if (this.timer !== undefined) {
      this.isAsked = true;
      return;
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (!this.isAsked) return;
      this.isAsked = false;
      this.ask();
    }, this.everyMs);
    this.act();
  }

  end() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isAsked = false;
  }
}
