"""Templates, read into the desired state: nothing here touches a container."""
