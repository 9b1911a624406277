"""What holds for every test."""

from hypothesis import HealthCheck, settings

# How fast a busy machine makes up examples says nothing about the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
