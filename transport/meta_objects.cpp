#include "transport/meta_objects.hpp"

#include "messages/type_ids.hpp"

#include <caf/init_global_meta_objects.hpp>
#include <caf/io/middleman.hpp>

namespace waybill {

void init_meta_objects() {
  caf::init_global_meta_objects<caf::id_block::waybill>();
  caf::io::middleman::init_global_meta_objects();
  caf::core::init_global_meta_objects();
}

} // namespace waybill
