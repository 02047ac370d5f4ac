"""The pages under the admin themes that Hubs use."""
