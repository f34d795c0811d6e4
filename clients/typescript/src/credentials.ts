import { Problem } from "./problem.js";
import type { Session } from "./schema-types.js";

/// Milliseconds before its end at which an access token is renewed, but not before half of its life.
const margin = 60_000;
/// Milliseconds after which renewing is tried again while the old token still holds.
const between = 5_000;

/// Who asks: a service key, or somebody who has signed in, whose tokens are renewed, once for all who ask meanwhile.
export class Credentials {
  private accessToken: string | undefined;
  private renewAt = 0;
  private endsAt = 0;
  /// Requests without a token would be somebody else's: on a node with --auth=demo even an admin's.
  private hasEnded = false;
  private renewing: Promise<void> | undefined;

  /// `trade` trades a refresh token for new ones at the node, and tries for so many milliseconds.
  constructor(
    private readonly trade: (refreshToken: string, patience: number) => Promise<Session>,
    private readonly tell: ((session: Session | undefined) => void) | undefined,
    private serviceKey: string | undefined,
    private refreshToken: string | undefined,
    private readonly patience: number,
  ) {}

  /// The token to send; undefined when nobody has signed in. Renews one that ends soon.
  async token(): Promise<string | undefined> {
    if (this.serviceKey !== undefined) return this.serviceKey;
    if (this.hasEnded) throw new Problem(401, "unauthenticated", "the session has ended: sign in again");
    const now = Date.now();
    if (this.refreshToken !== undefined && now >= this.endsAt) await this.renew(this.patience);
    else if (this.refreshToken !== undefined && now >= this.renewAt) await this.renewEarly();
    return this.accessToken;
  }

  /// Another token than the one that the node has refused; undefined when there is none.
  async tokenAfter(refused: string | undefined): Promise<string | undefined> {
    if (this.serviceKey !== undefined || refused === undefined) return undefined;
    // Somebody else may have renewed it meanwhile.
    if (this.accessToken === refused && this.refreshToken !== undefined) await this.renew(this.patience);
    return this.accessToken === refused ? undefined : this.accessToken;
  }

  begin(session: Session): void {
    this.serviceKey = undefined;
    this.take(session);
  }

  /// Forgets the session, and gives its refresh token, for the node to end it too.
  end(): string | undefined {
    const token = this.refreshToken;
    this.forget();
    this.hasEnded = false;
    return token;
  }

  /// While the account cannot be asked, the token still holds.
  private async renewEarly(): Promise<void> {
    try {
      await this.renew(0);
    } catch (error) {
      if (this.hasEnded) throw error;
      this.renewAt = Math.min(this.endsAt, Date.now() + between);
    }
  }

  private renew(patience: number): Promise<void> {
    this.renewing ??= this.renewNow(patience).finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renewNow(patience: number): Promise<void> {
    const traded = this.refreshToken;
    if (traded === undefined) return;
    try {
      const session = await this.trade(traded, patience);
      // Somebody may have signed in or out meanwhile.
      if (this.refreshToken === traded) this.take(session);
    } catch (error) {
      if (error instanceof Problem && [400, 401, 422].includes(error.status) && this.refreshToken === traded) {
        this.forget();
        this.hasEnded = true;
      }
      throw error;
    }
  }

  private take(session: Session): void {
    const life = session.expires_in * 1000;
    this.hasEnded = false;
    this.accessToken = session.access_token;
    this.refreshToken = session.refresh_token;
    this.endsAt = Date.now() + life;
    this.renewAt = this.endsAt - Math.min(margin, life / 2);
    this.tell?.(session);
  }

  private forget(): void {
    const had = this.refreshToken !== undefined;
    this.accessToken = undefined;
    this.refreshToken = undefined;
    if (had) this.tell?.(undefined);
  }
}
