#pragma once

#include "persistence/database/bulk_statement.hpp"
#include "persistence/journal/batch/batch_plan.hpp"

namespace waybill {

/// The part of a batch that is about sinks.
class sink_writer {
public:
  /// Makes its statements among `statements`, which outlive it.
  sink_writer(bulk_writer& statements, bool sqlite);

  void add(const batch_plan& plan);

private:
  // Written in this order.
  bulk_statement& sinks_;
  bulk_statement& removed_;
  bulk_statement& progresses_;
};

} // namespace waybill
