"""The tests of scim_provisioning, from one function to whole provisioning cycles."""
