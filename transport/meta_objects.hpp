#pragma once

namespace waybill {

/// Tells CAF about all our message types, and its own. Call it once, before the first actor system.
void init_meta_objects();

} // namespace waybill
