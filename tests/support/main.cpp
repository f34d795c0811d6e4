#include "transport/meta_objects.hpp"

#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test.hpp>
#include <caf/test/unit_test_impl.hpp>

int main(int argc, char** argv) {
  waybill::init_meta_objects();
  return caf::test::main(argc, argv);
}
