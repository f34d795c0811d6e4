/// A message of a stream of Server-Sent Events.
export interface Message {
  type: string;
  data: string;
}

/// Reads Server-Sent Events (WHATWG HTML, section 9.2.6) from text that comes in pieces. Comments and messages without data are passed
/// over; a message that is cut off at the end is left out.
export class MessageReader {
  private rest = "";
  private type = "message";
  private lines: string[] = [];

  /// The messages that end with this piece.
  take(piece: string): Message[] {
    const messages: Message[] = [];
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = this.takeLine(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (message) messages.push(message);
    }
    return messages;
  }

  private takeLine(line: string): Message | undefined {
    if (line === "") {
      const message = this.lines.length > 0 ? { type: this.type, data: this.lines.join("\n") } : undefined;
      this.type = "message";
      this.lines = [];
      return message;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.type = value;
    else if (field === "data") this.lines.push(value);
    return undefined;
  }
}
