import { useSyncExternalStore } from "react";

import { currentWho, watchWho, type Who } from "./session";

/// Who uses the page, now.
export const useSession = (): Who => useSyncExternalStore(watchWho, currentWho);
