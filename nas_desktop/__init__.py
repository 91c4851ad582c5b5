"""NAS Desktop: the control-room workstation of the UK National ANPR Service."""

__version__ = "0.1.0"
