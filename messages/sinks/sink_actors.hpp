#pragma once

#include "messages/actors.hpp"

namespace waybill {

/// Owns one sink: its settings and its position in the event log.
using sink_actor = entity_actor::extend<
  // Creates the sink. Fails with duplicate, invalid_argument for a target that cannot be one or may not be reached.
  caf::result<sink_view>(create_sink),
  // Answers with the sink, without its password. Fails with not_found.
  caf::result<sink_view>(get_sink),
  // Changes what is named, enables or disables. Fails with not_found, version_mismatch, invalid_argument as above.
  caf::result<sink_view>(change_sink),
  // Deletes the sink and its password. Fails with not_found, version_mismatch.
  caf::result<void>(remove_sink)>;

/// Publishes batches of events to brokers; those of one sink one after the other.
using sink_publisher_actor = caf::typed_actor<
  // Answers when the broker has confirmed the whole batch. Fails with unavailable, and why.
  caf::result<void>(publish_batch)>;

using sink_region_actor = sink_actor::extend_with<region_control_actor>;

} // namespace waybill
