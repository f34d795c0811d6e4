#pragma once

#include "persistence/database/bulk_statement.hpp"
#include "persistence/journal/batch/batch_plan.hpp"

namespace waybill {

/// The part of a batch that is about webhook endpoints and their deliveries.
class webhook_writer {
public:
  /// Makes its statements among `statements`, which outlive it.
  webhook_writer(bulk_writer& statements, bool sqlite);

  void add(const batch_plan& plan);

private:
  // Written in this order.
  bulk_statement& endpoints_;
  bulk_statement& removed_;
  bulk_statement& progresses_;
  bulk_statement& deliveries_;
  bulk_statement& forgotten_;
};

} // namespace waybill
