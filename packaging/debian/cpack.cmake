# What cpack makes the package of: scripts/package.sh puts the files together in WAYBILL_STAGE, as they lie on the target, and what else
# it says into variables of the environment, which cpack reads this file with.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME waybill)
set(CPACK_PACKAGE_VERSION $ENV{WAYBILL_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "distributed order system")
set(CPACK_PACKAGE_DESCRIPTION
"Waybill takes orders over HTTP and sees them through: stock, payment,
delivery, notifications. Nodes with roles share the work, on PostgreSQL; one
node alone needs nothing but SQLite. Pages for customers, couriers and
operators are built in.")
set(CPACK_PACKAGE_FILE_NAME waybill)
set(CPACK_INSTALLED_DIRECTORIES "$ENV{WAYBILL_STAGE};/")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_TOPLEVEL_TAG debian)
set(CPACK_STRIP_FILES OFF)
set(CPACK_THREADS 1)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "$ENV{WAYBILL_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "$ENV{WAYBILL_LIBRARIES}, ca-certificates, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS openssl)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql, prometheus")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "$ENV{WAYBILL_CONTROL}/conffiles;$ENV{WAYBILL_CONTROL}/postinst;$ENV{WAYBILL_CONTROL}/prerm;$ENV{WAYBILL_CONTROL}/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
