"""Every kind of notification that Meta documents (facts cloud-api.md section 9), ready to be made up."""
