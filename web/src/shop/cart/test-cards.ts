/// What the simulated payment provider knows, by the names that tell what will happen.
export const testCards = [
  { token: "tok_ok", name: "A good card", hint: "The payment succeeds." },
  { token: "tok_declined", name: "A card that is refused", hint: "The bank says no." },
  { token: "tok_insufficient_funds", name: "A card without money", hint: "The bank says that there is not enough." },
  { token: "tok_flaky", name: "A shaky connection", hint: "The provider fails twice, then the payment succeeds." },
  {
    token: "tok_timeout",
    name: "No answer, nothing charged",
    hint: "The provider never answers. The order asks it what happened.",
  },
  { token: "tok_timeout_charged", name: "No answer, but charged", hint: "The money is found and kept, or given back." },
  { token: "tok_late", name: "A late answer", hint: "The provider answers after the deadline." },
  {
    token: "tok_capture_fails",
    name: "Trouble at the end",
    hint: "Paid, but the money cannot be taken after the delivery.",
  },
] as const;
